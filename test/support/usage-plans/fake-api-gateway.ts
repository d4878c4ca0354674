import { randomUUID } from 'node:crypto';
import {
  json,
  serve,
  type GatewayRequest,
  type GatewayResponse,
  type RunningServer,
} from '../../../local/gateway/http.ts';
import { matchRoute } from '../../../local/gateway/route.ts';

const ROUTES = [
  'GET /apikeys',
  'POST /apikeys',
  'DELETE /apikeys/{key}',
  'GET /usageplans',
  'POST /usageplans/{plan}/keys',
  'DELETE /usageplans/{plan}/keys/{key}',
].map((route) => {
  const [method = '', path = ''] = route.split(' ');
  return { method, path, functionName: route };
});

/**
 * The documented form of a key's value: 20 to 128 alphanumeric characters.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-api-usage-plans.html
 */
const KEY_VALUE = /^[0-9A-Za-z]{20,128}$/;

/**
 * A fake of API Gateway's management API for keys and usage plans:
 * https://docs.aws.amazon.com/apigateway/latest/api/API_Operations.html
 *
 * It can lose a call before or after it is applied, so the caller does not know the result.
 */
export class FakeApiGateway {
  readonly keys = new Map<string, { id: string; name: string; value: string }>();
  /** Key IDs by usage plan. All plans are on one stage, so a key can be on only one of them. */
  readonly plans: ReadonlyMap<string, Set<string>>;
  /** Counts down the calls. The call at 0 is lost. */
  losing: { in: number; when: 'before' | 'after' } | undefined;
  calls = 0;
  /** The maximum number of keys. */
  capacity = Infinity;
  /** The maximum number of keys on a page. */
  largestPage = 500;
  /** The number of next calls that are throttled. */
  busyFor = 0;
  #server: RunningServer | undefined;

  constructor(planIds: readonly string[]) {
    this.plans = new Map(planIds.map((id) => [id, new Set<string>()]));
  }

  /** @returns the endpoint */
  async start(): Promise<string> {
    this.#server = await serve((request) => Promise.resolve(this.#answer(request)), { port: 0, flag: '' });
    return this.#server.url;
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
  }

  /** Adds an existing key with any value to one plan. */
  addKey(key: { id: string; name: string; value: string }, plan: string): void {
    this.keys.set(key.id, key);
    this.plans.get(plan)?.add(key.id);
  }

  /** The plans of each key, by its name. */
  state(): Record<string, string[]> {
    return Object.fromEntries([...this.keys.values()].map(({ id, name }) => [name, this.#plansOf(id)]));
  }

  /** After a 500 without a body, the caller can't tell whether its call was applied. */
  #answer(request: GatewayRequest): GatewayResponse {
    this.calls++;
    const losing = this.losing?.in === 0 ? this.losing.when : undefined;
    if (this.losing !== undefined) this.losing.in--;
    if (losing === 'before') return json(500, {});
    const response = this.#carryOut(request);
    return losing === 'after' ? json(500, {}) : response;
  }

  #carryOut(request: GatewayRequest): GatewayResponse {
    if (this.busyFor > 0) {
      this.busyFor--;
      return json(429, {}, 'TooManyRequestsException');
    }
    const match = matchRoute(ROUTES, request.method, request.path);
    const { key = '', plan = '' } = match?.parameters ?? {};
    const body = (request.body.length === 0 ? {} : JSON.parse(request.body.toString())) as Record<string, string>;
    const onPlan = this.plans.get(plan);
    switch (match?.route.functionName) {
      case 'GET /apikeys': {
        const query = request.query.get('name') ?? '';
        const found = [...this.keys.values()].filter(({ name }) => name.startsWith(query));
        const from = Number(request.query.get('position') ?? 0);
        const to = from + Math.min(Number(request.query.get('limit') ?? 25), this.largestPage);
        const withValues = request.query.get('includeValues') === 'true';
        return json(200, {
          item: found.slice(from, to).map(({ value, ...key }) => (withValues ? { ...key, value } : key)),
          ...(to < found.length && { position: String(to) }),
        });
      }
      case 'POST /apikeys': {
        const { name = '', value = '' } = body;
        if (!KEY_VALUE.test(value)) return json(400, {}, 'BadRequestException');
        if ([...this.keys.values()].some((other) => other.value === value)) return json(409, {}, 'ConflictException');
        if (this.keys.size >= this.capacity) return json(429, {}, 'LimitExceededException');
        const made = { id: randomUUID().slice(0, 10), name, value };
        this.keys.set(made.id, made);
        return json(201, made);
      }
      case 'DELETE /apikeys/{key}':
        if (!this.keys.delete(key)) return json(404, {}, 'NotFoundException');
        for (const ids of this.plans.values()) ids.delete(key);
        return json(202, {});
      case 'GET /usageplans':
        return json(200, { item: this.#plansOf(request.query.get('keyId') ?? '').map((id) => ({ id })) });
      case 'POST /usageplans/{plan}/keys': {
        const { keyId = '' } = body;
        if (onPlan === undefined || !this.keys.has(keyId)) return json(404, {}, 'NotFoundException');
        if (this.#plansOf(keyId).length > 0) return json(409, {}, 'ConflictException');
        onPlan.add(keyId);
        return json(201, { id: keyId });
      }
      case 'DELETE /usageplans/{plan}/keys/{key}':
        return onPlan?.delete(key) === true ? json(202, {}) : json(404, {}, 'NotFoundException');
      default:
        return json(404, {}, 'NotFoundException');
    }
  }

  #plansOf(keyId: string): string[] {
    return [...this.plans].flatMap(([plan, ids]) => (ids.has(keyId) ? plan : []));
  }
}
