import { BlockList, isIP } from 'node:net';

/** Where and whence a key may be used, as data on its record. What is not given is not restricted. */
export interface Restrictions {
  /**
   * Addresses and CIDR ranges, IPv4 or IPv6, such as `192.0.2.0/24`: the caller's address lies in one of them. An IPv6
   * range never matches an IPv4 caller: for every caller, use both `0.0.0.0/0` and `::/0`.
   */
  readonly sourceIps?: readonly string[] | undefined;
  /**
   * Such as `https://app.example.com`, or `https://*.example.com` for every host below it. A browser says truly which
   * page calls; any other client can say what it likes.
   */
  readonly origins?: readonly string[] | undefined;
  /** Names of API Gateway stages, such as `prod`. */
  readonly stages?: readonly string[] | undefined;
}

/**
 * The restrictions that depend on more of a request than its key. API Gateway caches answers by the key, so a
 * deployment must be set up for these: see `restrictions` of the construct. The stage needs nothing, for each
 * has a cache of its own and the policy names it.
 */
export const ENFORCEABLE_RESTRICTIONS = ['sourceIp', 'origin'] as const;
export type EnforcedRestriction = (typeof ENFORCEABLE_RESTRICTIONS)[number];

/** What of a request restrictions are judged by. */
export interface RequestFacts {
  readonly stage?: string | undefined;
  readonly sourceIp?: string | undefined;
  /** The header `Origin`, as it was sent. */
  readonly origin?: string | undefined;
  /** The header `Referer`, which stands in for a missing `Origin`: browsers leave that out of a plain GET. */
  readonly referer?: string | undefined;
}

/** What becomes of a restricted key: `unenforced` if this deployment cannot hold one of its restrictions. */
export type RestrictionVerdict = 'held' | 'corrupt' | 'unenforced' | 'stage' | 'source_ip' | 'origin';

/** How many entries a kind of restriction may have. */
export const MAX_RESTRICTION_ENTRIES = 32;

/** Say in words what is accepted, for error messages. */
export const SOURCE_IP_ACCEPTS =
  'an IPv4 or IPv6 address or CIDR range, such as "192.0.2.7", "10.0.0.0/8" or "2001:db8::/32"';
export const ORIGIN_ACCEPTS =
  'a scheme and a host in lower case, with a port if it is not the usual one, and no path: "https://app.example.com", or "https://*.example.com" for all hosts below it';
export const STAGE_ACCEPTS = 'the name of a stage: 1 to 128 letters, digits, dashes and underscores, or "$default"';

/** Whether a restriction can have this address or range. IPv4 addresses in IPv6 notation are rejected: {@link isWithin}. */
export function isSourceIp(text: string): boolean {
  return parseRange(text) !== undefined && !isMapped(text);
}

/** Whether a text is an origin, or a pattern of origins. */
export function isOrigin(text: string): boolean {
  // A pattern is what is an origin with a name for its star.
  const sample = text.replace(/^(https?:\/\/)\*\./, '$1any.');
  return /^https?:\/\/[^*]+$/.test(sample) && URL.parse(sample)?.origin === sample;
}

/** Whether a stage can have this name. */
export function isStageName(text: string): boolean {
  return text === '$default' || /^[A-Za-z0-9_-]{1,128}$/.test(text);
}

/** The first kind of restriction on a key that a deployment does not enforce, or `undefined`. */
export function unenforced(
  { sourceIps, origins }: Restrictions,
  enforced: readonly EnforcedRestriction[],
): EnforcedRestriction | undefined {
  if (sourceIps !== undefined && !enforced.includes('sourceIp')) return 'sourceIp';
  return origins !== undefined && !enforced.includes('origin') ? 'origin' : undefined;
}

/**
 * Judges a request by a key's restrictions.
 *
 * @param restrictions as the table has them: somebody may have edited them by hand
 */
export function judgeRestrictions(
  restrictions: unknown,
  facts: RequestFacts,
  enforced: readonly EnforcedRestriction[],
): RestrictionVerdict {
  if (!areRestrictions(restrictions)) return 'corrupt';
  if (unenforced(restrictions, enforced) !== undefined) return 'unenforced';
  return violated(restrictions, facts) ?? 'held';
}

/**
 * Returns the reason to deny a request with a restricted key, or `undefined`. A fact that is `undefined` is not known, so
 * its restriction is not checked; pass an empty string for what the request does not have.
 */
export function restrictionDenial(
  restrictions: Restrictions,
  facts: RequestFacts,
  enforced: readonly EnforcedRestriction[],
): Exclude<RestrictionVerdict, 'held'> | undefined {
  const verdict = judgeRestrictions(restrictions, facts, enforced);
  if (verdict === 'corrupt' || verdict === 'unenforced') return verdict;
  const { stages, sourceIps, origins } = restrictions;
  return violated(
    {
      stages: facts.stage === undefined ? undefined : stages,
      sourceIps: facts.sourceIp === undefined ? undefined : sourceIps,
      origins: facts.origin === undefined ? undefined : origins,
    },
    facts,
  );
}

/** The restriction that a request violates, or `undefined`. A fact that is missing violates what is judged by it. */
export function violated(
  { sourceIps, origins, stages }: Restrictions,
  { stage = '', sourceIp = '', origin, referer }: RequestFacts,
): 'stage' | 'source_ip' | 'origin' | undefined {
  if (stages !== undefined && !stages.includes(stage)) return 'stage';
  if (sourceIps !== undefined && !isWithin(sourceIp, sourceIps)) return 'source_ip';
  if (origins !== undefined && !comesFrom(originOf(origin ?? referer), origins)) return 'origin';
  return undefined;
}

function areRestrictions(value: unknown): value is Restrictions {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { sourceIps, origins, stages, ...rest }: Record<string, unknown> = { ...value };
  // What this version does not know it cannot hold.
  return (
    Object.keys(rest).length === 0 &&
    // Ranges in IPv6 notation were accepted once, and stay what they meant.
    areAll(sourceIps, (text) => parseRange(text) !== undefined) &&
    areAll(origins, isOrigin) &&
    areAll(stages, isStageName)
  );
}

function areAll(list: unknown, is: (text: string) => boolean): boolean {
  return list === undefined || (Array.isArray(list) && list.every((one) => typeof one === 'string' && is(one)));
}

interface Range {
  readonly address: string;
  readonly bits: number;
  readonly family: 'ipv4' | 'ipv6';
}

function parseRange(text: string): Range | undefined {
  const [address = '', length, ...more] = text.split('/');
  const version = isIP(address);
  // A zone names an interface of one machine.
  if (version === 0 || address.includes('%') || more.length > 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = length === undefined ? most : /^(?:0|[1-9]\d{0,2})$/.test(length) ? Number(length) : Infinity;
  return bits > most ? undefined : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/**
 * Whether an address lies in one of the ranges of its own family. `BlockList` alone would let `::/0` match IPv4
 * callers, because it compares them as `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2).
 */
function isWithin(address: string, ranges: readonly string[]): boolean {
  const caller = parseRange(address);
  if (caller === undefined || address.includes('/')) return false;
  const family = isMapped(address) ? 'ipv4' : caller.family;
  const list = new BlockList();
  for (const text of ranges) {
    const range = parseRange(text);
    if (range !== undefined && (isMapped(text) ? 'ipv4' : range.family) === family)
      list.addSubnet(range.address, range.bits, range.family);
  }
  return list.check(caller.address, caller.family);
}

const MAPPED = new BlockList();
MAPPED.addSubnet('::ffff:0:0', 96, 'ipv6');

/** Whether a valid range consists of IPv4 addresses in IPv6 notation. */
function isMapped(text: string): boolean {
  const range = parseRange(text);
  return range?.family === 'ipv6' && range.bits >= 96 && MAPPED.check(range.address, 'ipv6');
}

/** `undefined` for `null`, which a browser sends from where it will not say, and for what is no address of a page. */
function originOf(text: string | undefined): string | undefined {
  const url = text === undefined ? null : URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}

function comesFrom(origin: string | undefined, patterns: readonly string[]): boolean {
  if (origin === undefined) return false;
  return patterns.some((pattern) => {
    const [scheme = '', host] = pattern.split('*');
    if (host === undefined) return origin === pattern;
    return origin.startsWith(scheme) && origin.endsWith(host) && origin.length > pattern.length - 1;
  });
}
