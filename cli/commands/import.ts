import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { isSlowDigest } from '../../src/core/keys/digest.ts';
import { collect } from '../arguments.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { EXIT, systemCode, usageError } from '../errors.ts';
import { checkOwnerColumn } from '../import/owner-column.ts';
import { planImport, type Carried, type Problem } from '../import/plan.ts';
import { readFileRows } from '../import/read-rows.ts';
import { send, type Sent } from '../import/send.ts';
import { SOURCE_NAMES, SOURCES, type SourceName } from '../import/sources.ts';
import { takenFormats } from '../import/taken-formats.ts';
import { interruptible } from '../interrupt.ts';
import { confirmed } from '../output/confirm.ts';
import { progressBar } from '../output/progress.ts';
import { note, print, printJson } from '../output/screen.ts';
import { line, styledNote } from '../output/terminal-text.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly from: SourceName;
  readonly scope?: readonly string[];
  readonly allowUnscoped?: true;
  readonly encoding?: string;
  readonly ownerField?: string;
  readonly dryRun?: true;
  readonly includeUnusable?: true;
  readonly yes?: true;
  readonly json?: true;
}

/** More would scroll the beginning away; `--json` has all. */
const SHOWN_PROBLEMS = 20;

export function importCommand(): Command {
  return deploymentCommand(
    'import',
    'Import keys issued by another system. Existing clients keep working. Can be interrupted and run again.',
    [
      'import --from drf apikeys.csv --dry-run',
      'import --from better-auth apikeys.json --scope "GET /orders/*"',
      'import --from api-gateway apikeys.csv --allow-unscoped --encoding windows-1252',
      'import --from generic latchkey.jsonl --yes --json',
    ],
  )
    .argument('<file>', 'a CSV, JSON or JSON Lines file; for its fields see docs/importing.md')
    .addOption(
      new Option('--from <issuer>', 'the system that issued the keys').choices(SOURCE_NAMES).makeOptionMandatory(),
    )
    .option('--scope <scope>', 'a scope for keys that have none; repeat for more', collect)
    .addOption(
      new Option('--allow-unscoped', 'import keys without scopes; by default they can call every route').conflicts(
        'scope',
      ),
    )
    .option('--owner-field <column>', "the column with the owner's id, if it is not the usual one")
    .option('--encoding <name>', 'the encoding of the file, such as windows-1252 (default: UTF-8)')
    .option('--dry-run', 'report what would happen to every row, and write nothing')
    .option('--include-unusable', 'import keys that this deployment would reject, for example because of their plan')
    .option('--yes', 'do not ask')
    .action((file: string, options: Options) =>
      onDeployment(options, async (deployment) => {
        const { from, scope: scopes = [], allowUnscoped = false, ownerField, encoding } = options;
        const { dryRun = false, includeUnusable = false, json } = options;
        if (ownerField !== undefined && from === 'generic')
          throw usageError('--owner-field is for tables of other issuers; in the generic form the owner is ownerId.');
        const rows = readFileRows(await contentOf(file), encoding);
        if (ownerField !== undefined) checkOwnerColumn(rows, ownerField);
        const plan = planImport(rows, SOURCES[from], {
          scopes,
          allowUnscoped,
          ownerField,
          importedFormats: await takenFormats(deployment),
          now: new Date().toISOString(),
        });
        const foreseen = await sendVisibly(deployment, plan.carried, { dryRun: true, includeUnusable });
        const fresh = foreseen.imported;
        let imported = fresh.length;
        const problems = [...plan.problems, ...foreseen.problems].toSorted((one, other) => one.row - other.row);
        if (json !== true) announce(foreseen, problems);

        if (!dryRun && fresh.length > 0) {
          await confirmed(`Import ${String(fresh.length)} keys into ${deployment.where}?`, options);
          const written = await sendVisibly(deployment, fresh, { dryRun: false, includeUnusable });
          // What is there already by now was stored by a call whose answer got lost.
          imported = written.imported.length + written.present.length;
          problems.push(...written.problems);
        }
        if (problems.length > 0) process.exitCode = EXIT.refused;
        const result = {
          dryRun,
          imported,
          present: foreseen.present.length,
          problems,
          warnings: foreseen.warnings,
          without: Object.fromEntries(lost(fresh)),
        };
        if (json === true) printJson(result);
        else {
          const done = dryRun ? 'would be imported' : 'imported';
          print(
            `${String(imported)} ${done}, ${String(result.present)} there already, ${String(problems.length)} not carried.`,
          );
        }
      }),
    );
}

/** Ctrl-C gives the terminal back as it was. */
function sendVisibly(
  deployment: Deployment,
  carried: readonly Carried[],
  { dryRun, includeUnusable }: { readonly dryRun: boolean; readonly includeUnusable: boolean },
): Promise<Sent> {
  const progress = progressBar(dryRun ? 'Checking ' : 'Importing', carried.length);
  return interruptible(
    () => send(deployment, carried, { dryRun, includeUnusable, progress }),
    () => {
      progress.done();
      note(
        dryRun ? 'Interrupted; nothing was imported.' : 'Interrupted; the same command, run again, goes on from here.',
      );
    },
  );
}

function announce({ imported, present, warnings }: Sent, problems: readonly Problem[]): void {
  note(
    `${String(imported.length)} to import, ${String(present.length)} there already, ${String(problems.length)} that cannot be carried.`,
  );
  listRows(problems, 'red');
  if (warnings.length > 0)
    note(`${String(warnings.length)} keys are imported unchanged, but break a rule for new keys or do not work here:`);
  listRows(warnings, 'yellow');
  for (const [what, count] of lost(imported))
    note(line`  ${styledNote('yellow', `${String(count)} keys`)} without ${what}`);
  const slow = imported.filter(({ key }) => isSlowDigest(key.digest)).length;
  if (slow > 0) note(`  ${String(slow)} keys have PBKDF2 digests; each becomes quick on its first use`);
}

function listRows(rows: readonly Problem[], color: 'red' | 'yellow'): void {
  for (const { row, prefix, reason } of rows.slice(0, SHOWN_PROBLEMS))
    note(line`  ${styledNote(color, `row ${String(row)}`)}${prefix === null ? '' : ` (${prefix})`}: ${reason}`);
  if (rows.length > SHOWN_PROBLEMS) note(`  … ${String(rows.length - SHOWN_PROBLEMS)} more: --dry-run --json has all`);
}

/** How many keys go without what. */
function lost(carried: readonly Carried[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { without } of carried) for (const what of without) counts.set(what, (counts.get(what) ?? 0) + 1);
  return counts;
}

async function contentOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw usageError(`${file} cannot be read (${systemCode(error)}).`);
  }
}
