import { decideKey, findKey, noteUse, readKeyText } from '../decide-key.ts';
import type { AuthorizerRequest } from '../request.ts';
import { contextOf, type AuthorizerContext } from '../../gateway/context.ts';
import type { KeySource } from '../../gateway/credential.ts';
import type { VerifiedKey as DecidedKey } from '../../core/decision/checks.ts';
import { denied, type Denied } from '../../core/decision/decision.ts';
import { distinct, placeOf, SOURCE_IP, type IdentitySource } from '../../gateway/identity-source.ts';
import type { UnverifiedKey } from '../../core/keys/key.ts';
import { bothPermit, permittedByKey } from '../../core/scopes/permitted.ts';
import type { KeyRecord } from '../../core/keys/record.ts';
import type { AuthorizerSettings } from '../../gateway/settings.ts';
import type { Limits } from '../../core/limits/limits.ts';
import { usageIdentifier } from '../../core/limits/usage-identifier.ts';
import { frozenCopy } from './frozen-copy.ts';
import { callHook, checkContext, HookError, type OwnContext } from './hook.ts';
import { refused, type Deployment, type Guard, type Permission } from './permission.ts';
import {
  AmbiguousRequestError,
  requestView,
  secretsIn,
  UndeclaredReadError,
  type RequestView,
} from './request-view.ts';
import { permittedByVerdict, type Verdict } from './verdict.ts';

/** Code that finds the key in a request, where data does not say it. */
export interface KeyParser {
  /** All that it reads, and every request has. API Gateway caches by these; it gets to see nothing else. */
  readonly identitySources: readonly IdentitySource[];
  /** The text of the key, or `undefined` if the request carries none. */
  read(request: RequestView): string | undefined | Promise<string | undefined>;
}

/** The record of a verified key, without its digest. */
export type VerifiedKey = Omit<KeyRecord, 'digest'>;

/** What your own code receives. All of it is a frozen copy: changing it throws a `TypeError`, and changes no decision. */
export interface HookInput {
  /** The record as it is stored. */
  readonly record: VerifiedKey;
  /** The effective limits: the key's own, which override those of its plan. */
  readonly limits: Limits;
  /** Only the parts that are declared: where the key is, and `identitySources`. */
  readonly request: RequestView;
}

/** What is special about your API keys. All of it is optional: without any they are judged as Latchkey does. */
export interface ApiKeyOptions<Context extends OwnContext = OwnContext> {
  /**
   * Where the key is: as data, or code that says what it reads.
   *
   * @default the construct's `keySources`
   */
  readonly parse?: readonly KeySource[] | KeyParser;
  /**
   * What of the request `authorize` and `context` read beside the place of the key. Give the construct the same, or
   * a `cacheTtl` of 0 if not every request has them.
   *
   * @default []
   */
  readonly identitySources?: readonly IdentitySource[];
  /**
   * Is asked about each key that would be let in, and can only take away: nothing that it answers opens what
   * the key's scopes do not. If it throws or does not answer in time nobody gets in, and the log says why.
   *
   * @default allow
   */
  readonly authorize?: (input: HookInput) => Verdict | Promise<Verdict>;
  /**
   * What the API behind gets to know beside what it knows of every key.
   *
   * @default nothing
   */
  readonly context?: (input: HookInput) => Context | Promise<Context>;
  /** How long each of these may take, in milliseconds. @default 1500 */
  readonly hookTimeoutMs?: number;
}

/**
 * Lets in whoever has a key of Latchkey's.
 *
 * @example
 * apiKey({ authorize: ({ record }) => (record.metadata.region === 'eu' ? allow() : deny('not from the EU')) });
 */
export function apiKey<Context extends OwnContext = OwnContext>(
  options: ApiKeyOptions<Context> = {},
): Permission<Context> {
  return { prepare: (deployment) => guard(options, deployment) };
}

async function guard<Context extends OwnContext>(
  options: ApiKeyOptions<Context>,
  deployment: Deployment,
): Promise<Guard<Context>> {
  const { parse = deployment.settings.keySources, identitySources = [], hookTimeoutMs: timeoutMs } = options;
  const settings: AuthorizerSettings = { ...deployment.settings, keySources: isCode(parse) ? [] : parse };
  const keys = await deployment.keys();
  const owners = settings.ownerSuspension ? keys : undefined;
  const places = isCode(parse) ? parse.identitySources : distinct(parse.map(placeOf));
  const readable = distinct([...places, ...identitySources]);
  const { restrictions } = settings;

  return {
    name: 'apiKey',
    identitySources: restrictions.includes('sourceIp') ? distinct([...readable, SOURCE_IP]) : readable,
    cacheable: (isCode(parse) || places.length === 1) && !restrictions.includes('origin'),
    check: async (request) => {
      const start = deployment.now();
      const key = isCode(parse) ? await readByCode(parse, request, settings, timeoutMs) : findKey(request, settings);
      if ('reason' in key) return refused(401, key.reason);
      const keyId = key.prefix;
      const decision = await decideKey(key, request, { settings, keys, owners, now: deployment.now });
      if (!decision.allowed) return refused(403, decision.reason, { keyId });

      const secrets = [key.text, ...secretsIn(request, readable)];
      const outcome = await askHooks(decision, requestView(request, readable), secrets);
      if (!outcome.allowed) return { ...outcome, keyId };
      return {
        ...outcome,
        keyId,
        authorizedBy: 'apiKey',
        principalId: keyId,
        usageIdentifier: settings.usagePlans ? usageIdentifier(decision.record) : undefined,
        context: { ...contextOf(decision.record, settings.contextMetadata, decision.limits), ...outcome.context },
        letIn: () => {
          noteUse(decision.record, key, start, { settings, keys });
        },
      };
    },
  };

  async function askHooks({ record: stored, limits }: DecidedKey, request: RequestView, secrets: readonly string[]) {
    const called = { timeoutMs, secrets };
    const own = permittedByKey(stored.scopes, settings.unscopedKeys);
    const { authorize, context } = options;
    if (authorize === undefined && context === undefined)
      return { allowed: true, permitted: own, context: {} as Context & AuthorizerContext } as const;
    const { digest: _digest, ...record } = stored;
    const input: HookInput = Object.freeze({ record: frozenCopy(record), limits: frozenCopy(limits), request });
    const left =
      authorize === undefined
        ? own
        : await callHook('authorize', async () => permittedByVerdict(await authorize(input)), called);
    if ('denied' in left) return refused(403, 'permission', { detail: left.denied });
    // Whatever the verdict left is cut down to what the key may do: it can add nothing.
    const permitted = bothPermit(own, left);
    if (permitted.routes.length === 0 && own.routes.length > 0)
      return refused(403, 'permission', { detail: 'authorize left no route' });
    const added =
      context === undefined
        ? ({} as Context)
        : await callHook('context', async () => checkContext(await context(input)), called);
    return { allowed: true, permitted, context: added as Context & AuthorizerContext } as const;
  }
}

function isCode(parse: readonly KeySource[] | KeyParser): parse is KeyParser {
  return 'read' in parse;
}

/** What the parser throws may hold the key, so only its kind is told; a request that is ambiguous is the caller's fault. */
async function readByCode(
  parser: KeyParser,
  request: AuthorizerRequest,
  settings: AuthorizerSettings,
  timeoutMs: number | undefined,
): Promise<UnverifiedKey | Denied> {
  const outcome = await callHook(
    'parse',
    async () => {
      try {
        return { text: await parser.read(requestView(request, parser.identitySources)) };
      } catch (error) {
        return { error };
      }
    },
    { timeoutMs },
  );
  if ('error' in outcome) {
    const { error } = outcome;
    if (error instanceof AmbiguousRequestError) return denied('malformed');
    if (error instanceof UndeclaredReadError) throw new HookError(`parse: ${error.message}`);
    throw new HookError(`parse threw ${error instanceof Error ? error.constructor.name : typeof error}`);
  }
  const { text = '' } = outcome;
  return text === '' ? denied('missing') : readKeyText(text, settings);
}
