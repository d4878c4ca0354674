import { readFile } from 'node:fs/promises';
import { Option, type Command } from 'commander';
import { IMPORTED_FORMATS, type ImportedFormat } from '../../src/core/keys/imported-key.ts';
import { isSlowDigest } from '../../src/core/keys/digest.ts';
import { collect } from '../arguments.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { CommandError, EXIT, systemCode, usageError } from '../errors.ts';
import { checkOwnerColumn } from '../import/owner-column.ts';
import { planImport, type ImportableKey, type Problem } from '../import/plan.ts';
import { readFileRows } from '../import/read-rows.ts';
import { send, type Sent } from '../import/send.ts';
import { SOURCE_NAMES, SOURCES, type SourceName } from '../import/sources.ts';
import { interruptible } from '../interrupt.ts';
import { confirm } from '../output/confirm.ts';
import { progressBar } from '../output/progress.ts';
import { counted, note, print, printJson } from '../output/screen.ts';
import { line, styledNote } from '../output/terminal-text.ts';
import { describedCommand } from './command.ts';

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

/** How many rows are printed. `--json` prints all of them. */
const SHOWN_PROBLEMS = 20;

export function importCommand(): Command {
  return describedCommand(
    'import',
    'Import keys issued by another system. Existing clients keep working. You can interrupt an import and run it again.',
    [
      'import --from drf apikeys.csv --dry-run',
      'import --from better-auth apikeys.json --scope "GET /orders/*"',
      'import --from api-gateway apikeys.csv --allow-unscoped --encoding windows-1252',
      'import --from generic latchkey.jsonl --yes --json',
    ],
  )
    .argument('<file>', 'CSV, JSON or JSON Lines file; docs/importing.md describes its fields')
    .addOption(new Option('--from <issuer>', 'system that issued the keys').choices(SOURCE_NAMES).makeOptionMandatory())
    .option('--scope <scope>', 'scope for keys that have none; can be repeated', collect)
    .addOption(
      new Option('--allow-unscoped', 'import keys without scopes; by default they can call every route').conflicts(
        'scope',
      ),
    )
    .option('--owner-field <column>', "column with the owner's id (default: that of the issuer)")
    .option('--encoding <name>', 'encoding of the file, such as windows-1252 (default: UTF-8)')
    .option('--dry-run', 'report what would happen to each row, without importing')
    .option(
      '--include-unusable',
      'also import keys that this deployment would reject, for example because of their plan',
    )
    .option('--yes', 'skip the confirmation')
    .action((file: string, options: Options) =>
      withDeployment(options, async (deployment) => {
        const { from, scope: scopes = [], allowUnscoped = false, ownerField, encoding } = options;
        const { dryRun = false, includeUnusable = false, json } = options;
        if (ownerField !== undefined && from === 'generic')
          throw usageError("--owner-field can't be used with --from generic. Put the owner in the field ownerId.");
        const rows = readFileRows(await contentOf(file), encoding);
        if (ownerField !== undefined) checkOwnerColumn(rows, ownerField);
        const plan = planImport(rows, SOURCES[from], {
          scopes,
          allowUnscoped,
          ownerField,
          importedFormats: await acceptedFormats(deployment),
          now: new Date().toISOString(),
        });
        const forecast = await sendWithProgress(deployment, plan.keys, { dryRun: true, includeUnusable });
        const fresh = forecast.imported;
        let imported = fresh.length;
        const problems = [...plan.problems, ...forecast.problems].toSorted((one, other) => one.row - other.row);
        if (json !== true) printForecast(forecast, problems);

        if (!dryRun && fresh.length > 0) {
          await confirm(`Import ${counted(fresh.length, 'key')} into ${deployment.where}?`, options);
          const written = await sendWithProgress(deployment, fresh, { dryRun: false, includeUnusable });
          // Keys that are present now were imported by a call whose response was lost.
          imported = written.imported.length + written.present.length;
          problems.push(...written.problems);
        }
        if (problems.length > 0) process.exitCode = EXIT.refused;
        const result = {
          dryRun,
          imported,
          present: forecast.present.length,
          problems,
          warnings: forecast.warnings,
          without: Object.fromEntries(lost(fresh)),
        };
        if (json === true) printJson(result);
        else {
          const done = dryRun ? 'would be imported' : 'imported';
          print(
            `${counted(imported, 'key')} ${done}, ${String(result.present)} already present, ${String(problems.length)} not imported.`,
          );
        }
      }),
    );
}

/** Sends keys with a progress bar. Ctrl-C removes the bar. */
function sendWithProgress(
  deployment: Deployment,
  keys: readonly ImportableKey[],
  { dryRun, includeUnusable }: { readonly dryRun: boolean; readonly includeUnusable: boolean },
): Promise<Sent> {
  const progress = progressBar(dryRun ? 'Checking ' : 'Importing', keys.length);
  return interruptible(
    () => send(deployment, keys, { dryRun, includeUnusable, progress }),
    () => {
      progress.stop();
      note(dryRun ? 'Interrupted. Nothing was imported.' : 'Interrupted. Run the same command again to continue.');
    },
  );
}

function printForecast({ imported, present, warnings }: Sent, problems: readonly Problem[]): void {
  note(
    `${counted(imported.length, 'key')} to import, ${String(present.length)} already present, ${String(problems.length)} that can't be imported.`,
  );
  listRows(problems, 'red');
  if (warnings.length > 0)
    note(
      `Imported unchanged, although a new key like this would be rejected or does not work here: ${counted(warnings.length, 'key')}`,
    );
  listRows(warnings, 'yellow');
  for (const [what, count] of lost(imported))
    note(line`  ${styledNote('yellow', counted(count, 'key'))} without ${what}`);
  const slow = imported.filter(({ key }) => isSlowDigest(key.digest)).length;
  if (slow > 0) note(`  ${counted(slow, 'key')} with a PBKDF2 digest, which is replaced by a faster one on first use`);
}

function listRows(rows: readonly Problem[], color: 'red' | 'yellow'): void {
  for (const { row, prefix, reason } of rows.slice(0, SHOWN_PROBLEMS))
    note(line`  ${styledNote(color, `row ${String(row)}`)}${prefix === null ? '' : ` (${prefix})`}: ${reason}`);
  if (rows.length > SHOWN_PROBLEMS)
    note(`  … and ${String(rows.length - SHOWN_PROBLEMS)} more. Use --dry-run --json to list all.`);
}

/** Counts the keys that lose something, by what they lose. */
function lost(keys: readonly ImportableKey[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { without } of keys) for (const what of without) counts.set(what, (counts.get(what) ?? 0) + 1);
  return counts;
}

async function contentOf(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw usageError(`${file} can't be read (${systemCode(error)}).`);
  }
}

/**
 * Returns the formats that the deployment accepts. Without permission to read the settings, returns all formats, so that no key
 * is imported that the authorizer would not find.
 */
async function acceptedFormats({ keys }: Deployment): Promise<readonly ImportedFormat[]> {
  try {
    return (await keys.settings()).importedFormats;
  } catch (error) {
    if (!(error instanceof CommandError && error.problem.code === 'access_denied')) throw error;
    return IMPORTED_FORMATS;
  }
}
