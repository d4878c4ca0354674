import { BlockList, isIP } from 'node:net';

/** Where a key may be used: from which addresses and web origins, and on which stages. Missing fields restrict nothing. */
export interface Restrictions {
  /**
   * IPv4 and IPv6 addresses and CIDR ranges, such as `192.0.2.0/24`. The caller's address must be in one of them. An IPv6
   * range never matches an IPv4 caller: to allow every caller, use both `0.0.0.0/0` and `::/0`.
   */
  readonly sourceIps?: readonly string[] | undefined;
  /**
   * Web origins, such as `https://app.example.com`, or `https://*.example.com` for all its subdomains. Only browsers send
   * the true origin of a page. Other clients can send any value.
   */
  readonly origins?: readonly string[] | undefined;
  /** Names of API Gateway stages, such as `prod`. */
  readonly stages?: readonly string[] | undefined;
}

/**
 * The restrictions that need a setting of the deployment (`restrictions` of the construct), because API Gateway caches
 * results by the key and these depend on other parts of the request. Stages need no setting: each has its own cache.
 */
export const ENFORCEABLE_RESTRICTIONS = ['sourceIp', 'origin'] as const;
/** A restriction that a deployment enforces. */
export type EnforcedRestriction = (typeof ENFORCEABLE_RESTRICTIONS)[number];

/** The parts of a request that restrictions depend on. An empty string is a part that the request does not have. */
export interface RestrictedRequest {
  readonly stage?: string | undefined;
  readonly sourceIp?: string | undefined;
  /** The header `Origin`, or otherwise `Referer`: browsers omit `Origin` from a plain GET. */
  readonly origin?: string | undefined;
}

/** Why a restricted key is denied. `unenforced`: this deployment does not enforce one of its restrictions. */
type RestrictionDenial = 'corrupt' | 'unenforced' | 'stage' | 'source_ip' | 'origin';

/** The maximum number of entries of each restriction. */
export const MAX_RESTRICTION_ENTRIES = 32;

/** What is accepted, for error messages. */
export const SOURCE_IP_ACCEPTS =
  'an IPv4 or IPv6 address or CIDR range, such as "192.0.2.7", "10.0.0.0/8" or "2001:db8::/32"';
export const ORIGIN_ACCEPTS =
  'a scheme and a host in lower case, with a port if it is not the default one, and no path: "https://app.example.com", or "https://*.example.com" for all its subdomains';
export const STAGE_ACCEPTS = 'the name of a stage: 1 to 128 letters, digits, dashes and underscores, or "$default"';

/** Returns whether a text is an address or a range. IPv4 addresses in IPv6 notation are rejected: see {@link isWithin}. */
export function isSourceIp(text: string): boolean {
  return parseRange(text) !== undefined && !isMapped(text);
}

/** Returns whether a text is an origin, or a pattern of origins. */
export function isOrigin(text: string): boolean {
  // A pattern is valid if it is an origin with a name in place of its star.
  const sample = text.replace(/^(https?:\/\/)\*\./, '$1any.');
  return /^https?:\/\/[^*]+$/.test(sample) && URL.parse(sample)?.origin === sample;
}

/** Returns whether a stage can have this name. */
export function isStageName(text: string): boolean {
  return text === '$default' || /^[A-Za-z0-9_-]{1,128}$/.test(text);
}

/** Returns the first restriction of a key that a deployment does not enforce, or `undefined`. */
export function unenforced(
  { sourceIps, origins }: Restrictions,
  enforced: readonly EnforcedRestriction[],
): EnforcedRestriction | undefined {
  if (sourceIps !== undefined && !enforced.includes('sourceIp')) return 'sourceIp';
  return origins !== undefined && !enforced.includes('origin') ? 'origin' : undefined;
}

/**
 * Returns the reason to deny a request with a restricted key, or `undefined`.
 *
 * @param restrictions as stored in the table, where someone can have edited them
 * @param request the parts of the request. A part that is `undefined` is not known, so its restriction is not checked
 */
export function restrictionDenial(
  restrictions: unknown,
  { stage, sourceIp, origin }: RestrictedRequest,
  enforced: readonly EnforcedRestriction[],
): RestrictionDenial | undefined {
  if (!areRestrictions(restrictions)) return 'corrupt';
  if (unenforced(restrictions, enforced) !== undefined) return 'unenforced';
  const { stages, sourceIps, origins } = restrictions;
  if (stages !== undefined && stage !== undefined && !stages.includes(stage)) return 'stage';
  if (sourceIps !== undefined && sourceIp !== undefined && !isWithin(sourceIp, sourceIps)) return 'source_ip';
  if (origins !== undefined && origin !== undefined && !matchesOrigin(originOf(origin), origins)) return 'origin';
  return undefined;
}

function areRestrictions(value: unknown): value is Restrictions {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { sourceIps, origins, stages, ...rest }: Record<string, unknown> = { ...value };
  // A restriction that this version does not know could not be enforced.
  return (
    Object.keys(rest).length === 0 &&
    // Earlier releases accepted IPv4 ranges in IPv6 notation. They keep their meaning.
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
  // A zone is the name of a network interface.
  if (version === 0 || address.includes('%') || more.length > 0) return undefined;
  const most = version === 4 ? 32 : 128;
  const bits = length === undefined ? most : /^(?:0|[1-9]\d{0,2})$/.test(length) ? Number(length) : Infinity;
  return bits > most ? undefined : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/**
 * Returns whether an address is in one of the ranges with the same IP version. With `BlockList` alone, `::/0` would match
 * IPv4 callers, because it compares them as `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2).
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

/** Returns whether a valid range consists of IPv4 addresses in IPv6 notation. */
function isMapped(text: string): boolean {
  const range = parseRange(text);
  return range?.family === 'ipv6' && range.bits >= 96 && MAPPED.check(range.address, 'ipv6');
}

/** Returns the origin of a URL, or `undefined`. Browsers send `null` as the origin of sandboxed or local pages. */
function originOf(text: string): string | undefined {
  const url = URL.parse(text);
  return url !== null && /^https?:$/.test(url.protocol) ? url.origin : undefined;
}

function matchesOrigin(origin: string | undefined, patterns: readonly string[]): boolean {
  if (origin === undefined) return false;
  return patterns.some((pattern) => {
    const [scheme = '', host] = pattern.split('*');
    if (host === undefined) return origin === pattern;
    return origin.startsWith(scheme) && origin.endsWith(host) && origin.length > pattern.length - 1;
  });
}
