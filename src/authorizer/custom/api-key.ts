import { decideKey, findKey, recordUse, readKeyText } from '../decide-key.ts';
import type { AuthorizerRequest } from '../request.ts';
import { contextOf, type AuthorizerContext } from '../../gateway/context.ts';
import type { KeySource } from '../../gateway/credential.ts';
import type { VerifiedKey } from '../../core/decision/checks.ts';
import { denied, type Denied } from '../../core/decision/decision.ts';
import { distinct, placeOf, SOURCE_IP, type IdentitySource } from '../../gateway/identity-source.ts';
import type { UnverifiedKey } from '../../core/keys/key.ts';
import { bothPermit, permittedByKey } from '../../core/scopes/permitted.ts';
import type { KeyRecord } from '../../core/keys/record.ts';
import type { AuthorizerSettings } from '../../gateway/settings.ts';
import type { Limits } from '../../core/limits/limits.ts';
import { usageIdentifier } from '../../core/limits/usage-identifier.ts';
import { frozenCopy } from './frozen-copy.ts';
import { callHook, checkContext, HookError, type CustomContext } from './hook.ts';
import { refused, type Deployment, type Permission, type PreparedPermission } from './permission.ts';
import {
  AmbiguousRequestError,
  requestView,
  secretsIn,
  UndeclaredReadError,
  type RequestView,
} from './request-view.ts';
import { permittedByVerdict, type Verdict } from './verdict.ts';

/** Code that finds the key in a request, where a list of sources is not enough. */
export interface KeyParser {
  /** All parts that `read` needs. Every request must have them, and API Gateway caches by them. It can't read other parts. */
  readonly identitySources: readonly IdentitySource[];
  /** Returns the key, or `undefined` if the request has no key. */
  read(request: RequestView): string | undefined | Promise<string | undefined>;
}

/** The record of a verified key, without its digest. */
export type VerifiedRecord = Omit<KeyRecord, 'digest'>;

/** The input of a hook. It is a frozen copy: changing it throws a `TypeError`, and does not change the decision. */
export interface HookInput {
  /** The record as it is stored. */
  readonly record: VerifiedRecord;
  /** The effective limits: the key's own, which override those of its plan. */
  readonly limits: Limits;
  /** The declared parts of the request: those that the key is read from, and `identitySources`. */
  readonly request: RequestView;
}

/** Your own rules for API keys. Without any, keys are checked as by the standard authorizer. */
export interface ApiKeyOptions<Context extends CustomContext = CustomContext> {
  /**
   * Where the key is in a request: a list of sources, or code that declares what it reads.
   *
   * @default the construct's `keySources`
   */
  readonly parse?: readonly KeySource[] | KeyParser;
  /**
   * The parts of a request that `authorize` and `context` read, in addition to the source of the key. Pass the same to the
   * construct, or a `cacheTtl` of 0 if not every request has them.
   *
   * @default []
   */
  readonly identitySources?: readonly IdentitySource[];
  /**
   * Checks each key that would be allowed. It can only deny the request or narrow the key's scopes. If it throws or takes
   * too long, the request is rejected, and the log line has the reason.
   *
   * @default allow
   */
  readonly authorize?: (input: HookInput) => Verdict | Promise<Verdict>;
  /**
   * Returns fields that the API receives in addition to those of the key.
   *
   * @default none
   */
  readonly context?: (input: HookInput) => Context | Promise<Context>;
  /** The time limit of each hook, in milliseconds. @default 1500 */
  readonly hookTimeoutMs?: number;
}

/**
 * Allows callers with a valid key.
 *
 * @example
 * apiKey({ authorize: ({ record }) => (record.metadata.region === 'eu' ? allow() : deny('not from the EU')) });
 */
export function apiKey<Context extends CustomContext = CustomContext>(
  options: ApiKeyOptions<Context> = {},
): Permission<Context> {
  return { prepare: (deployment) => prepareApiKey(options, deployment) };
}

async function prepareApiKey<Context extends CustomContext>(
  options: ApiKeyOptions<Context>,
  deployment: Deployment,
): Promise<PreparedPermission<Context>> {
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
      const result = await callHooks(decision, requestView(request, readable), secrets);
      if (!result.allowed) return { ...result, keyId };
      return {
        ...result,
        keyId,
        authorizedBy: 'apiKey',
        principalId: keyId,
        usageIdentifier: settings.usagePlans ? usageIdentifier(decision.record) : undefined,
        context: { ...contextOf(decision.record, settings.contextMetadata, decision.limits), ...result.context },
        onAllowed: () => {
          recordUse(decision.record, key, start, { settings, keys });
        },
      };
    },
  };

  async function callHooks({ record: stored, limits }: VerifiedKey, request: RequestView, secrets: readonly string[]) {
    const hookOptions = { timeoutMs, secrets };
    const ofKey = permittedByKey(stored.scopes, settings.unscopedKeys);
    const { authorize, context } = options;
    if (authorize === undefined && context === undefined)
      return { allowed: true, permitted: ofKey, context: {} as Context & AuthorizerContext } as const;
    const { digest: _digest, ...record } = stored;
    const input: HookInput = Object.freeze({ record: frozenCopy(record), limits: frozenCopy(limits), request });
    const byVerdict =
      authorize === undefined
        ? ofKey
        : await callHook('authorize', async () => permittedByVerdict(await authorize(input)), hookOptions);
    if ('denied' in byVerdict) return refused(403, 'permission', { detail: byVerdict.denied });
    // The intersection, so that a verdict can't add permissions.
    const permitted = bothPermit(ofKey, byVerdict);
    if (permitted.routes.length === 0 && ofKey.routes.length > 0)
      return refused(403, 'permission', { detail: 'authorize left no route' });
    const added =
      context === undefined
        ? ({} as Context)
        : await callHook('context', async () => checkContext(await context(input)), hookOptions);
    return { allowed: true, permitted, context: added as Context & AuthorizerContext } as const;
  }
}

function isCode(parse: readonly KeySource[] | KeyParser): parse is KeyParser {
  return 'read' in parse;
}

/** Reads the key with a parser. Its errors can contain the key, so only their class is logged. An ambiguous request is malformed. */
async function readByCode(
  parser: KeyParser,
  request: AuthorizerRequest,
  settings: AuthorizerSettings,
  timeoutMs: number | undefined,
): Promise<UnverifiedKey | Denied> {
  const result = await callHook(
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
  if ('error' in result) {
    const { error } = result;
    if (error instanceof AmbiguousRequestError) return denied('malformed');
    if (error instanceof UndeclaredReadError) throw new HookError(`parse: ${error.message}`);
    throw new HookError(`parse threw ${error instanceof Error ? error.constructor.name : typeof error}`);
  }
  const { text = '' } = result;
  return text === '' ? denied('missing') : readKeyText(text, settings);
}
