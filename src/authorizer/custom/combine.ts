import type { AuthorizerContext } from '../../gateway/context.ts';
import { canonical, distinct, isInEveryRequest } from '../../gateway/identity-source.ts';
import { bothPermit } from '../../core/scopes/permitted.ts';
import { HookError } from './hook.ts';
import type { Deployment, Granted, Guard, Permission, Refused } from './permission.ts';

/** The context that one of several permissions has given. */
type ContextOf<One> = One extends Permission<infer Context> ? Context : never;
/** The context that all of them have given. */
type ContextOfAll<All extends readonly unknown[]> = All extends readonly [infer First, ...infer Rest]
  ? ContextOf<First> & ContextOfAll<Rest>
  : unknown;

/**
 * Lets in whom one of several permissions lets in; they are asked in this order. One that cannot decide, because
 * something is down, lets nobody in, and does not keep the next from doing so.
 *
 * Answers can be cached if all of them look at the same place, such as the header Authorization with a scheme each:
 * API Gateway wants every identity source in each request.
 *
 * @example
 * createAuthorizer(anyOf(apiKey(), jwt(verifier)));
 */
export function anyOf<const All extends readonly [Permission<unknown>, ...Permission<unknown>[]]>(
  ...permissions: All
): Permission<ContextOf<All[number]>> {
  const prepare = async (deployment: Deployment): Promise<Guard<ContextOf<All[number]>>> => {
    const guards = await ready<ContextOf<All[number]>>(permissions, deployment);
    const places = guards.map(({ identitySources }) => {
      // What every request has keeps nobody out, whichever of the permissions looks at it.
      const lookedAt = distinct(identitySources).filter((source) => !isInEveryRequest(source));
      return JSON.stringify(lookedAt.map(canonical).toSorted());
    });
    return {
      name: guards.map(({ name }) => name).join('|'),
      identitySources: distinct(guards.flatMap((guard) => guard.identitySources)),
      cacheable: guards.every((guard) => guard.cacheable) && new Set(places).size === 1,
      check: async (request) => {
        const refusals: Refused[] = [];
        const failures: string[] = [];
        for (const guard of guards) {
          try {
            const outcome = await guard.check(request);
            if (outcome.allowed) return failures.length === 0 ? outcome : { ...outcome, detail: failures.join('; ') };
            refusals.push(outcome);
          } catch (error) {
            failures.push(`${guard.name}: ${String(error)}`);
          }
        }
        if (failures.length > 0) throw new Error(failures.join('; '));
        return mostTelling(refusals);
      },
    };
  };
  return { prepare };
}

/**
 * Lets in whom all of several permissions let in, to do what all of them allow. The API behind sees the context that
 * each of them gives, and as `subject` that of the first which has one. Two that put different values into another
 * field let nobody in.
 *
 * @example
 * createAuthorizer(allOf(apiKey(), jwt(verifier)));
 */
export function allOf<const All extends readonly [Permission<unknown>, ...Permission<unknown>[]]>(
  ...permissions: All
): Permission<ContextOfAll<All>> {
  const prepare = async (deployment: Deployment): Promise<Guard<ContextOfAll<All>>> => {
    const guards = await ready<ContextOfAll<All>>(permissions, deployment);
    return {
      name: guards.map(({ name }) => name).join('+'),
      identitySources: distinct(guards.flatMap((guard) => guard.identitySources)),
      cacheable: guards.every((guard) => guard.cacheable),
      check: async (request) => {
        let all: Granted<ContextOfAll<All>> | undefined;
        for (const guard of guards) {
          const outcome = await guard.check(request);
          if (!outcome.allowed) return outcome;
          all = all === undefined ? outcome : together(all, outcome);
        }
        if (all === undefined) throw new Error('allOf of nothing');
        return all;
      },
    };
  };
  return { prepare };
}

function ready<Context>(
  permissions: readonly Permission<unknown>[],
  deployment: Deployment,
): Promise<Guard<Context>[]> {
  return Promise.all(permissions.map(async (one) => (await one.prepare(deployment)) as Guard<Context>));
}

/** What several permissions may say differently: the scopes are those that both leave, and the subject is the first's, as the principal. */
const SETTLED = ['scopes', 'subject'];

function together<Context>(one: Granted<Context>, other: Granted<Context>): Granted<Context> {
  const clash = Object.keys(one.context).find(
    (field) => !SETTLED.includes(field) && field in other.context && one.context[field] !== other.context[field],
  );
  if (clash !== undefined)
    throw new HookError(`${one.authorizedBy} and ${other.authorizedBy} put different values into "${clash}"`);
  const context: AuthorizerContext = { ...other.context, ...one.context };
  return {
    allowed: true,
    authorizedBy: `${one.authorizedBy}+${other.authorizedBy}`,
    principalId: one.principalId,
    permitted: bothPermit(one.permitted, other.permitted),
    context: context as Context & AuthorizerContext,
    keyId: one.keyId ?? other.keyId,
    usageIdentifier: one.usageIdentifier ?? other.usageIdentifier,
    detail: [one.detail, other.detail].filter((text) => text !== undefined).join('; ') || undefined,
    letIn: () => {
      one.letIn?.();
      other.letIn?.();
    },
  };
}

/** Whoever brought a credential that is good but ended wants to hear of that one; nothing says least. */
function mostTelling(refusals: readonly Refused[]): Refused {
  const weight = ({ status, reason }: Refused) => (status === 403 ? 2 : reason === 'missing' ? 0 : 1);
  return refusals.reduce((most, one) => (weight(one) > weight(most) ? one : most));
}
