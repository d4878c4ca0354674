import { fieldDefinition, fieldsWith, type FieldsWith } from '../../src/core/keys/key-fields.ts';
import type { Limits } from '../../src/core/limits/limits.ts';
import type { Restrictions } from '../../src/core/restrictions/restrictions.ts';
import type { KeyView } from '../../src/management/view.ts';
import { selectFields } from '../fields.ts';
import { print } from './screen.ts';
import { detailsOf, tableOf } from './table.ts';
import { csv, styled, type TerminalText, type Printable } from './terminal-text.ts';

const STATUS_COLOR = { active: 'green', disabled: 'yellow', expired: 'yellow', revoked: 'red' } as const;

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

/** Prints keys as CSV. Times are complete, missing values are empty, and objects are JSON. */
export function printKeyCsv(keys: readonly KeyView[], fields: readonly string[] | undefined): void {
  const rows = keys.map((key) => selectFields(key, fields));
  const header = fields ?? Object.keys(rows[0] ?? {});
  if (header.length > 0) print(csv([header, ...rows.map((row) => header.map((name) => cellText(row[name])))]));
}

function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** Returns the details of a key, with a line for each field. Most empty fields are omitted. */
export function keyDetails(key: KeyView): TerminalText {
  const lines = fieldsWith({ shown: true }).flatMap((name): [string, Printable][] => {
    const value = detail(key, name);
    const line: [string, Printable][] = value === null ? [] : [[fieldDefinition(name).title, value]];
    return name === 'name' ? [...line, ['Status', styled(STATUS_COLOR[key.status], key.status)]] : line;
  });
  return detailsOf(lines);
}

function detail(key: KeyView, name: FieldsWith<{ readonly shown: true }>): string | null {
  switch (name) {
    case 'scopes':
      return key.scopes.length === 0 ? '(none)' : key.scopes.join(', ');
    case 'metadata':
      return Object.keys(key.metadata).length === 0 ? null : JSON.stringify(key.metadata);
    case 'limits':
      return key.limits === null ? null : limitText(key.limits);
    case 'restrictions':
      return key.restrictions === null ? null : restrictionText(key.restrictions);
    case 'expiresAt':
    case 'lastUsedAt':
      return key[name] ?? 'never';
    default:
      return key[name] === null ? null : String(key[name]);
  }
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
