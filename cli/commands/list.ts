import { Option, type Command } from 'commander';
import { KEY_STATUSES, type KeyStatus } from '../../src/core/keys/record.ts';
import type { KeyList } from '../../src/management/operations/list.ts';
import type { KeyView } from '../../src/management/view.ts';
import { ownerArgument, positiveNumber } from '../arguments.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { keyTable } from '../output/key.ts';
import { note, print, printJson } from '../output/screen.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly owner?: string;
  readonly name?: string;
  readonly status?: KeyStatus;
  readonly limit?: number;
  readonly cursor?: string;
  readonly all?: true;
  readonly json?: true;
}

/** The most keys that one call returns. */
const PAGE = 100;

export function listCommand(): Command {
  return deploymentCommand('list', 'List keys, newest first, or by name with --name.', [
    'list --owner acme --status active',
    'list --name check --json',
    'list --all --json | jq -r ".records[] | select(.lastUsedAt == null) | .prefix"',
  ])
    .option('--owner <id>', 'only keys of this owner', ownerArgument)
    .option('--name <start>', 'only keys whose name starts with this; not case-sensitive')
    .addOption(new Option('--status <status>', 'only keys with this status').choices(KEY_STATUSES))
    .option('--limit <n>', 'maximum number of keys (default: 50)', positiveNumber)
    .option('--cursor <cursor>', 'continue an earlier list')
    .option('--all', 'fetch all pages')
    .action((options: Options) =>
      withDeployment(options, async (deployment) => {
        const found = await fetchKeys(deployment, options);
        if (options.json === true) {
          printJson(found);
          return;
        }
        if (found.records.length === 0) note('No keys.');
        else print(keyTable(found.records, await attributeNames(deployment)));
        if (found.cursor !== null) note(`There are more keys. Use --all, or --cursor ${found.cursor}`);
      }),
    );
}

/** The attributes of the deployment, which the table has columns for. Empty without permission to read the settings. */
async function attributeNames({ keys }: Deployment): Promise<readonly string[]> {
  const settings = await keys.settings().catch(() => undefined);
  return Object.keys(settings?.attributes?.properties ?? {});
}

/** Fetches pages until there are enough keys. A page can be short, even empty, without being the last. */
async function fetchKeys(deployment: Deployment, { owner, name, status, ...options }: Options): Promise<KeyList> {
  const wanted = options.all === true ? Infinity : (options.limit ?? 50);
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
