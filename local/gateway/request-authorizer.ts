import { validateIdentityPolicy } from '@cloud-copilot/iam-policy';
import type { IdentitySource } from '../../src/gateway/identity-source.ts';
import type { LocalFunction } from '../lambda/local-function.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import type { authorizerEvent } from './event.ts';
import { headerValues, json, type GatewayRequest, type GatewayResponse } from './http.ts';

export interface RequestAuthorizerOptions {
  readonly authorizer: Pick<LocalFunction, 'invoke'>;
  /** The values that a request must have for the authorizer to be invoked. They are also the cache key. */
  readonly identitySources: readonly IdentitySource[];
  /** 0 for no caching. Without identity sources, nothing is cached either. */
  readonly cacheTtlSeconds: number;
}

export type GatewayDecision =
  | { readonly allowed: true; readonly context: Readonly<Record<string, string>> }
  | {
      readonly allowed: false;
      readonly response: GatewayResponse;
      /** The authorizer's context if its policy denied the request, for the access log. */
      readonly context?: Readonly<Record<string, string>>;
    };

/** The result of an authorizer. The cache holds the policy and the context, not the decision. */
interface AuthorizerResult {
  readonly principalId: string;
  readonly policyDocument: unknown;
  readonly context?: Readonly<Record<string, unknown>> | null;
}

/**
 * A REQUEST authorizer of one stage. It works in API Gateway's order: identity sources, cache, function, policy.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html
 */
export class RequestAuthorizer {
  readonly #options: RequestAuthorizerOptions;
  readonly #cache = new Map<string, { readonly result: AuthorizerResult; readonly until: number }>();

  constructor(options: RequestAuthorizerOptions) {
    this.#options = options;
  }

  /** Flushes the authorizer cache. */
  flush(): void {
    this.#cache.clear();
  }

  async authorize(request: GatewayRequest, event: ReturnType<typeof authorizerEvent>): Promise<GatewayDecision> {
    const identity = this.#options.identitySources.map((source) => identityValue(source, request));
    if (identity.includes('')) return unauthorized();

    const cacheKey = JSON.stringify(identity);
    const cached = this.#cached(cacheKey);
    const result = cached ?? (await this.#invoke(event));
    if (result === 'unauthorized') return unauthorized();
    if (result === 'failed') return { allowed: false, response: authorizerFailed() };

    if (cached === undefined) this.#store(cacheKey, result);
    const evaluation = evaluatePolicy(result.policyDocument, event.methodArn);
    if (evaluation === 'Allowed') return { allowed: true, context: contextStrings(result) };
    const response = forbidden(evaluation === 'ExplicitlyDenied');
    return { allowed: false, response, context: contextStrings(result) };
  }

  async #invoke(event: object): Promise<AuthorizerResult | 'unauthorized' | 'failed'> {
    const outcome = await this.#options.authorizer.invoke(JSON.stringify(event));
    if (!outcome.ok) return outcome.error.errorMessage === 'Unauthorized' ? 'unauthorized' : 'failed';
    const result: unknown = JSON.parse(outcome.payload);
    return isAuthorizerResult(result) ? result : 'failed';
  }

  #cached(key: string): AuthorizerResult | undefined {
    const entry = this.#cache.get(key);
    return entry !== undefined && entry.until > performance.now() ? entry.result : undefined;
  }

  /** If two results were in flight at the same time, stores the later one. AWS doesn't document which one it stores. */
  #store(key: string, result: AuthorizerResult): void {
    const { cacheTtlSeconds, identitySources } = this.#options;
    if (cacheTtlSeconds === 0 || identitySources.length === 0) return;
    const now = performance.now();
    for (const [old, { until }] of this.#cache) if (until <= now) this.#cache.delete(old);
    this.#cache.set(key, { result, until: now + cacheTtlSeconds * 1000 });
  }
}

function identityValue(source: IdentitySource, request: GatewayRequest): string {
  switch (source) {
    case 'context.identity.sourceIp':
      return request.sourceIp;
    case 'context.httpMethod':
      return request.method;
    case 'context.path':
      return request.path;
    default: {
      const name = source.split('.').slice(3).join('.');
      const inHeader = source.startsWith('method.request.header.');
      return (inHeader ? headerValues(request, name) : request.query.getAll(name)).join(',').trim();
    }
  }
}

/** Whether a result has a principal, a valid policy, and a context without nested values. API Gateway returns 500 otherwise. */
function isAuthorizerResult(value: unknown): value is AuthorizerResult {
  if (typeof value !== 'object' || value === null) return false;
  const { principalId, policyDocument, context = null }: Partial<Record<keyof AuthorizerResult, unknown>> = value;
  return (
    typeof principalId === 'string' &&
    typeof policyDocument === 'object' &&
    policyDocument !== null &&
    validateIdentityPolicy(policyDocument).length === 0 &&
    typeof context === 'object' &&
    Object.values(context ?? {}).every((one) => ['string', 'number', 'boolean'].includes(typeof one))
  );
}

function contextStrings({ principalId, context }: AuthorizerResult): Record<string, string> {
  const strings = Object.entries(context ?? {}).map(([name, value]) => [name, String(value)]);
  return { ...(Object.fromEntries(strings) as Record<string, string>), principalId };
}

function unauthorized(): GatewayDecision {
  return { allowed: false, response: json(401, { message: 'Unauthorized' }, 'UnauthorizedException') };
}

function forbidden(explicitly: boolean): GatewayResponse {
  const message = `User is not authorized to access this resource${explicitly ? ' with an explicit deny' : ''}`;
  return json(403, { Message: message }, 'AccessDeniedException');
}

function authorizerFailed(): GatewayResponse {
  return json(500, { message: null }, 'AuthorizerConfigurationException');
}
