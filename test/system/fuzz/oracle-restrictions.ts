/** Judges restrictions independently: it shares no code and no library with the authorizer. */

/** `may allow`: both decisions are safe. */
export type Verdict = 'refuse' | 'may allow' | 'allow';

interface Restrictions {
  readonly sourceIps?: readonly string[] | undefined;
  readonly origins?: readonly string[] | undefined;
  readonly stages?: readonly string[] | undefined;
}

/** Every restriction must be satisfied. */
export function weakest(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('refuse')) return 'refuse';
  return verdicts.includes('may allow') ? 'may allow' : 'allow';
}

const strongest = (verdicts: readonly Verdict[]): Verdict =>
  verdicts.includes('allow') ? 'allow' : verdicts.includes('may allow') ? 'may allow' : 'refuse';

export function onStage({ stages }: Restrictions, stage: string): Verdict {
  return stages === undefined || stages.includes(stage) ? 'allow' : 'refuse';
}

export function fromAddress({ sourceIps }: Restrictions, sourceIp: unknown): Verdict {
  if (sourceIps === undefined) return 'allow';
  const caller = typeof sourceIp === 'string' ? bitsOf(sourceIp) : undefined;
  if (caller === undefined) return 'refuse';
  return strongest(
    sourceIps.map((range) => {
      const [address = '', length] = range.split('/');
      const start = (bitsOf(address) ?? '').slice(0, length === undefined ? undefined : Number(length));
      const isSameKind = address.includes(':') === caller.length > 32;
      if (isSameKind && caller.startsWith(start)) return 'allow';
      // An IPv4 address may be mapped into IPv6.
      return caller.startsWith(MAPPED + start) && caller.length > 32 && !isSameKind ? 'may allow' : 'refuse';
    }),
  );
}

const MAPPED = `${'0'.repeat(80)}${'1'.repeat(16)}`;
const binary = (value: number, bits: number) => value.toString(2).padStart(bits, '0');

/** An address as 32 or 128 binary digits. `undefined` if it is not an address. */
function bitsOf(address: string): string | undefined {
  if (!address.includes(':')) {
    const parts = address.split('.');
    const isAddress = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && +part < 256);
    return isAddress ? parts.map((part) => binary(Number(part), 8)).join('') : undefined;
  }
  const [, head = address, last] = /^(.*:)([^:]*\.[^:]*)$/.exec(address) ?? [];
  const dotted = last === undefined ? '' : bitsOf(last);
  if (dotted === undefined) return undefined;
  // The part before a dotted IPv4 suffix ends with a colon: half of `::`, or a separator.
  const hex = dotted === '' ? head : head.endsWith('::') ? head : head.slice(0, -1);
  const halves = hex.split('::');
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')));
  if (halves.length > 2 || !groups.flat().every((group) => /^[0-9A-Fa-f]{1,4}$/.test(group))) return undefined;
  const [before = '', after = ''] = groups.map((half) => half.map((group) => binary(parseInt(group, 16), 16)).join(''));
  const missing = 128 - before.length - after.length - dotted.length;
  if (halves.length === 2 ? missing < 0 : missing !== 0) return undefined;
  return before + '0'.repeat(missing) + after + dotted;
}

/** @param origin, referer the distinct values of each header */
export function fromPage(
  { origins }: Restrictions,
  { origin, referer }: { readonly origin: readonly string[]; readonly referer: readonly string[] },
): Verdict {
  if (origins === undefined) return 'allow';
  const [text, another] = origin.length > 0 ? origin : referer;
  if (text === undefined || another !== undefined) return 'refuse';
  // A browser sends a page without an origin only in `Referer`.
  const [, asWritten, path] = /^(https:\/\/[a-z0-9.-]+)(\/[!-~]*)?$/.exec(text) ?? [];
  const isHonest = asWritten !== undefined && (origin.length === 0 || path === undefined);
  const host = hostOf(text);
  return strongest(
    origins.map((permitted) => {
      // All permitted origins here are HTTPS on the default port.
      const [, below, name = ''] = /^https:\/\/(\*\.)?(.*)$/.exec(permitted) ?? [];
      const isPermitted =
        below === undefined ? host === name : host.endsWith(`.${name}`) && host.length > name.length + 1;
      if (!isPermitted) return 'refuse';
      return isHonest ? 'allow' : 'may allow';
    }),
  );
}

/** Returns the host of an HTTPS page in a text, by the most lenient reading, or an empty string. */
function hostOf(text: string): string {
  const trimmed = text.replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replaceAll(/[\t\n\r]/g, '');
  const [, authority = ''] = /^https:[\\/]*([^\\/?#]*)/i.exec(trimmed) ?? [];
  const written = authority.slice(authority.lastIndexOf('@') + 1).replace(/:(?:443)?$/, '');
  const decoded = written.replaceAll(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  // Domain names are compared after normalizing case, width, and dots.
  const host = decoded.normalize('NFKC').toLowerCase().replaceAll('。', '.');
  return /^[^\s/\\@?#:%]*$/.test(host) ? host : '';
}
