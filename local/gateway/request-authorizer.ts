import { validateIdentityPolicy } from '@cloud-copilot/iam-policy';
import type { IdentitySource } from '../../src/gateway/identity-source.ts';
import type { LocalFunction } from '../lambda/local-function.ts';
import { evaluatePolicy } from './evaluate-policy.ts';
import type { authorizerEvent } from './event.ts';
import { headerValues, json, type GatewayRequest, type GatewayResponse } from './http.ts';

export interface RequestAuthorizerOptions {
  readonly authorizer: Pick<LocalFunction, 'invoke'>;
  /** What the request must carry for the authorizer to be asked at all, and what its answer is cached by. */
  readonly identitySources: readonly IdentitySource[];
  /** 0 for no caching; nor is there any without identity sources. */
  readonly cacheTtlSeconds: number;
}

export type GatewayDecision =
  | { readonly allowed: true; readonly context: Readonly<Record<string, string>> }
  | {
      readonly allowed: false;
      readonly response: GatewayResponse;
      /** For the access log: what the authorizer said of a caller whom its policy denies. */
      readonly context?: Readonly<Record<string, string>>;
    };

/** What an authorizer answered, and what is cached of it: the policy with the context, not the verdict. */
interface Answer {
  readonly principalId: string;
  readonly policyDocument: unknown;
  readonly context?: Readonly<Record<string, unknown>> | null;
}

/**
 * A REQUEST authorizer of one stage, in API Gateway's order: identity sources, cache, function, policy.
 *
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/configure-api-gateway-lambda-authorization.html
 */
export class RequestAuthorizer {
  readonly #options: RequestAuthorizerOptions;
  readonly #cache = new Map<string, { readonly answer: Answer; readonly until: number }>();

  constructor(options: RequestAuthorizerOptions) {
    this.#options = options;
  }

  /** Drops every cached answer. */
  flush(): void {
    this.#cache.clear();
  }

  async authorize(request: GatewayRequest, event: ReturnType<typeof authorizerEvent>): Promise<GatewayDecision> {
    const identity = this.#options.identitySources.map((source) => identityValue(source, request));
    if (identity.includes('')) return unauthorized();

    const cacheKey = JSON.stringify(identity);
    const cached = this.#cached(cacheKey);
    const answer = cached ?? (await this.#ask(event));
    if (answer === 'unauthorized') return unauthorized();
    if (answer === 'failed') return { allowed: false, response: authorizerFailed() };

    if (cached === undefined) this.#keep(cacheKey, answer);
    const evaluation = evaluatePolicy(answer.policyDocument, event.methodArn);
    if (evaluation === 'Allowed') return { allowed: true, context: contextStrings(answer) };
    const response = forbidden(evaluation === 'ExplicitlyDenied');
    return { allowed: false, response, context: contextStrings(answer) };
  }

  async #ask(event: object): Promise<Answer | 'unauthorized' | 'failed'> {
    const outcome = await this.#options.authorizer.invoke(JSON.stringify(event));
    if (!outcome.ok) return outcome.error.errorMessage === 'Unauthorized' ? 'unauthorized' : 'failed';
    const answer: unknown = JSON.parse(outcome.payload);
    return isAnswer(answer) ? answer : 'failed';
  }

  #cached(key: string): Answer | undefined {
    const entry = this.#cache.get(key);
    return entry !== undefined && entry.until > performance.now() ? entry.answer : undefined;
  }

  /** Of two results that were in flight at the same time, the later one stays: AWS does not document which does. */
  #keep(key: string, answer: Answer): void {
    const { cacheTtlSeconds, identitySources } = this.#options;
    if (cacheTtlSeconds === 0 || identitySources.length === 0) return;
    const now = performance.now();
    for (const [old, { until }] of this.#cache) if (until <= now) this.#cache.delete(old);
    this.#cache.set(key, { answer, until: now + cacheTtlSeconds * 1000 });
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

/** Malformed output is a 500: no principal, no valid policy, or a context with something nested. */
function isAnswer(value: unknown): value is Answer {
  if (typeof value !== 'object' || value === null) return false;
  const { principalId, policyDocument, context = null }: Partial<Record<keyof Answer, unknown>> = value;
  return (
    typeof principalId === 'string' &&
    typeof policyDocument === 'object' &&
    policyDocument !== null &&
    validateIdentityPolicy(policyDocument).length === 0 &&
    typeof context === 'object' &&
    Object.values(context ?? {}).every((one) => ['string', 'number', 'boolean'].includes(typeof one))
  );
}

function contextStrings({ principalId, context }: Answer): Record<string, string> {
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
