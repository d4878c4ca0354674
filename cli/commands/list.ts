import { InvalidArgumentError, Option, type Command } from 'commander';
import { KEY_STATUSES, type KeyStatus, type Metadata } from '../../src/core/keys/record.ts';
import { parseDuration } from '../../src/management/expiry.ts';
import type { KeyList } from '../../src/management/operations/list.ts';
import type { KeyView } from '../../src/management/view.ts';
import { collectMetadata, ownerArgument, positiveNumber } from '../arguments.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { usageError } from '../errors.ts';
import { addFieldsOption, selectFields } from '../fields.ts';
import { keyTable, printKeyCsv } from '../output/key.ts';
import { note, print, printJson } from '../output/screen.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly owner?: string;
  readonly name?: string;
  readonly status?: KeyStatus;
  /** In milliseconds. */
  readonly expiring?: number;
  /** In milliseconds. */
  readonly unused?: number;
  readonly plan?: string;
  readonly metadata?: Metadata;
  readonly sort?: SortField;
  readonly reverse?: true;
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: true;
  readonly fields?: readonly string[];
  readonly csv?: true;
  readonly json?: true;
}

const SORT_FIELDS = {
  name: ({ name }: KeyView) => name.toLowerCase(),
  owner: ({ ownerId }: KeyView) => ownerId,
  created: ({ createdAt }: KeyView) => createdAt,
  expires: ({ expiresAt }: KeyView) => expiresAt,
  'last-used': ({ lastUsedAt }: KeyView) => lastUsedAt,
};
type SortField = keyof typeof SORT_FIELDS;

/** The most keys that one call returns. */
const PAGE = 100;
const DEFAULT_LIMIT = 50;

export function listCommand(): Command {
  const command = describedCommand('list', 'List keys, newest first, or by name with --name.', [
    'list --owner acme --status active',
    'list --expiring 30d --sort expires',
    'list --unused 90d --csv > unused.csv',
    'list --plan pro --metadata tier=gold --json --fields prefix,name',
  ])
    .alias('ls')
    .option('--owner <id>', 'only keys of this owner', ownerArgument)
    .option('--name <start>', 'only keys whose name starts with this; not case-sensitive')
    .addOption(new Option('--status <status>', 'only keys with this status').choices(KEY_STATUSES))
    .option('--expiring <duration>', 'only active keys that expire within this time, such as 30d', duration)
    .option('--unused <duration>', 'only active keys that have not been used for this time, such as 90d', duration)
    .option('--plan <name>', 'only keys with this plan')
    .option('--metadata <name=value>', 'only keys with this metadata; can be repeated', collectMetadata)
    .addOption(new Option('--sort <field>', 'sort by this field').choices(Object.keys(SORT_FIELDS)))
    .option('--reverse', 'reverse the order of --sort')
    .option(
      '--limit <n>',
      `maximum number of keys (default: ${String(DEFAULT_LIMIT)}, or all with a filter or --sort)`,
      positiveNumber,
    )
    .addOption(
      new Option('--cursor <cursor>', 'continue an earlier list').conflicts([
        'expiring',
        'unused',
        'plan',
        'metadata',
        'sort',
      ]),
    )
    .option('--all', 'fetch all pages')
    .option('--csv', 'print CSV with all fields, or with those of --fields');
  return addFieldsOption(command).action((options: Options) =>
    withDeployment(options, async (deployment) => {
      if (options.csv === true && options.json === true) throw usageError('Use either --csv or --json.');
      if (options.reverse === true && options.sort === undefined) throw usageError('--reverse requires --sort.');
      const found = isSelective(options) ? await selectKeys(deployment, options) : await fetchKeys(deployment, options);
      if (options.csv === true) printKeyCsv(found.records, options.fields);
      else if (options.json === true)
        printJson({ ...found, records: found.records.map((record) => selectFields(record, options.fields)) });
      else if (found.records.length === 0) note('No keys.');
      else print(keyTable(found.records, await attributeNames(deployment)));
      if (found.cursor !== null && options.json !== true)
        note(`There are more keys. Use --all, or --cursor ${found.cursor}`);
    }),
  );
}

/** The attributes of the deployment, which the table has columns for. Empty without permission to read the settings. */
async function attributeNames({ keys }: Deployment): Promise<readonly string[]> {
  const settings = await keys.settings().catch(() => undefined);
  return Object.keys(settings?.attributes?.properties ?? {});
}

/** Fetches pages until there are enough keys. A page can be short, even empty, without being the last. */
async function fetchKeys(
  deployment: Deployment,
  { owner, name, status, all, limit, ...options }: Options,
): Promise<KeyList> {
  const wanted = all === true ? Infinity : (limit ?? DEFAULT_LIMIT);
  const records: KeyView[] = [];
  let cursor: string | null = options.cursor ?? null;
  do {
    const page: KeyList = await deployment.keys.list({
      ownerId: owner,
      name,
      status,
      limit: Math.min(PAGE, wanted - records.length),
      cursor: cursor ?? undefined,
    });
    records.push(...page.records);
    cursor = page.cursor;
  } while (cursor !== null && records.length < wanted);
  return { records, cursor };
}

/** Whether the options need all keys: those that the deployment can't filter or sort by. */
function isSelective({ expiring, unused, plan, metadata, sort }: Options): boolean {
  return [expiring, unused, plan, metadata, sort].some((option) => option !== undefined);
}

/** Fetches all keys, and then filters, sorts and limits them. */
async function selectKeys(deployment: Deployment, options: Options): Promise<KeyList> {
  const { sort, reverse, limit = Infinity, ...filters } = options;
  const { records } = await fetchKeys(deployment, { ...filters, all: true });
  const now = Date.now();
  const selected = records.filter((record) => matches(record, filters, now));
  if (sort === undefined) return { records: selected.slice(0, limit), cursor: null };
  const valueOf = SORT_FIELDS[sort];
  const sorted = selected.toSorted((a, b) => compare(valueOf(a), valueOf(b), reverse === true));
  return { records: sorted.slice(0, limit), cursor: null };
}

function matches(key: KeyView, { expiring, unused, plan, metadata = {} }: Options, now: number): boolean {
  if ((expiring !== undefined || unused !== undefined) && key.status !== 'active') return false;
  if (expiring !== undefined && (key.expiresAt === null || Date.parse(key.expiresAt) > now + expiring)) return false;
  // A key that was never used counts from its creation.
  if (unused !== undefined && Date.parse(key.lastUsedAt ?? key.createdAt) > now - unused) return false;
  if (plan !== undefined && key.plan !== plan) return false;
  return Object.entries(metadata).every(([name, value]) => String(key.metadata[name]) === String(value));
}

/** Compares strings. Missing values are always last. */
function compare(a: string | null, b: string | null, reverse: boolean): number {
  if (a === b) return 0;
  if (a === null || b === null) return a === null ? 1 : -1;
  return a < b === reverse ? 1 : -1;
}

function duration(text: string): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds;
  throw new InvalidArgumentError('Use a duration such as 12h, 30d or 1y.');
}
