import { Option, type Command } from 'commander';
import { KEY_STATUSES, type KeyStatus } from '../../src/core/keys/record.ts';
import type { KeyList } from '../../src/management/operations/list.ts';
import type { KeyView } from '../../src/management/view.ts';
import { ownerArgument, positiveNumber } from '../arguments.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
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

/** The most that one call answers. */
const PAGE = 100;

export function listCommand(): Command {
  return deploymentCommand('list', 'List keys, newest first; by name when searched by name.', [
    'list --owner acme --status active',
    'list --name check --json',
    'list --all --json | jq -r ".records[] | select(.lastUsedAt == null) | .prefix"',
  ])
    .option('--owner <id>', "only this owner's", ownerArgument)
    .option('--name <beginning>', 'only those whose name begins so, in any case')
    .addOption(new Option('--status <status>', 'only those in this state').choices(KEY_STATUSES))
    .option('--limit <n>', 'how many at most (default 50)', positiveNumber)
    .option('--cursor <cursor>', 'go on where an earlier list ended')
    .option('--all', 'all there are')
    .action((options: Options) =>
      onDeployment(options, async (deployment) => {
        const found = await keysOf(deployment, options);
        if (options.json === true) {
          printJson(found);
          return;
        }
        if (found.records.length === 0) note('No keys.');
        else print(keyTable(found.records, await attributeNames(deployment)));
        if (found.cursor !== null) note(`There are more: --all, or --cursor ${found.cursor}`);
      }),
    );
}

/** What the table has columns for beside those of every key. Whoever may list, but not ask this, goes without. */
async function attributeNames({ keys }: Deployment): Promise<readonly string[]> {
  const settings = await keys.settings().catch(() => undefined);
  return Object.keys(settings?.attributes?.properties ?? {});
}

/** As many as were asked for. A page can be short, even empty, and not be the last. */
async function keysOf(deployment: Deployment, { owner, name, status, ...options }: Options): Promise<KeyList> {
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
