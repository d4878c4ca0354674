import type { Limits } from '../../src/core/limits/limits.ts';
import type { Restrictions } from '../../src/core/restrictions/restrictions.ts';
import type { KeyView } from '../../src/management/view.ts';
import { detailsOf, tableOf } from './table.ts';
import { styled, type TerminalText, type Printable } from './terminal-text.ts';

const STATUS_COLOR = { active: 'green', expired: 'yellow', revoked: 'red' } as const;

/** Returns a table of keys, with a column for each of the deployment's attributes. */
export function keyTable(keys: readonly KeyView[], attributes: readonly string[] = [], width?: number): TerminalText {
  const columns = [
    { title: 'PREFIX' },
    { title: 'NAME', shrinks: true },
    { title: 'OWNER', shrinks: true },
    { title: 'STATUS' },
    { title: 'CREATED' },
    { title: 'EXPIRES' },
    { title: 'LAST USED' },
    ...attributes.map((name) => ({ title: name.toUpperCase(), shrinks: true })),
  ];
  return tableOf(
    columns,
    keys.map((key) => [
      key.prefix,
      key.name,
      key.ownerId ?? '-',
      styled(STATUS_COLOR[key.status], key.status),
      day(key.createdAt),
      day(key.expiresAt),
      day(key.lastUsedAt),
      ...attributes.map((name) => String(key.metadata[name] ?? '-')),
    ]),
    width,
  );
}

/** Returns the fields of a key, one per line. */
export function keyDetails(key: KeyView): TerminalText {
  const fields: (readonly [string, Printable | null])[] = [
    ['Prefix', key.prefix],
    ['Name', key.name],
    ['Label', key.label],
    ['Status', styled(STATUS_COLOR[key.status], key.status)],
    ['Owner', key.ownerId],
    ['Scopes', key.scopes.length === 0 ? '(none)' : key.scopes.join(', ')],
    ['Metadata', Object.keys(key.metadata).length === 0 ? null : JSON.stringify(key.metadata)],
    ['Plan', key.plan],
    ['Limits', key.limits === null ? null : limitText(key.limits)],
    ['Restrictions', key.restrictions === null ? null : restrictionText(key.restrictions)],
    ['Created', key.createdAt],
    ['Not before', key.notBefore],
    ['Expires', key.expiresAt ?? 'never'],
    ['Revoked', key.revokedAt],
    ['Reason', key.revokedReason],
    ['Replaced by', key.replacedBy],
    ['Replaces', key.rotatedFrom],
    ['Last used', key.lastUsedAt ?? 'never'],
    ['Imported from', key.importedFrom],
    ['Version', String(key.version)],
  ];
  return detailsOf(fields.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const])));
}

function limitText({ rate, burst, quota }: Limits): string {
  const limits = [rate, burst === undefined ? undefined : `burst ${String(burst)}`, quota];
  return limits.filter((limit) => limit !== undefined).join(', ');
}

function restrictionText({ sourceIps = [], origins = [], stages = [] }: Restrictions): string {
  return [...sourceIps, ...origins, ...stages.map((stage) => `stage ${stage}`)].join(', ');
}

/** Returns the day of a time, as tables show it. */
function day(time: string | null): string {
  return time?.slice(0, 10) ?? '-';
}
