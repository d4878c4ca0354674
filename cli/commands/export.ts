import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { ExportAnswer } from '../../src/management/operations/export.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { counted, note, printAll } from '../output/screen.ts';
import { json } from '../output/terminal-text.ts';
import { writeCompleteFile } from '../output/complete-file.ts';
import { withoutKeys } from '../../src/core/text/without-keys.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly out?: string;
}

export function exportCommand(): Command {
  return describedCommand(
    'export',
    'Export key metadata and hashes, never the keys themselves, as JSON Lines for "import --from generic".',
    ['export --out latchkey.jsonl', 'export | jq -r .ownerId | sort | uniq -c'],
  )
    .option('--out <file>', 'write to a new file that only you can read (default: stdout)')
    .action((options: Options) =>
      withDeployment(options, async (deployment) => {
        const { out } = options;
        let count = 0;
        let changed = 0;
        const printed = async function* () {
          for await (const record of recordsOf(deployment)) {
            count += 1;
            const text = JSON.stringify(record);
            if (withoutKeys(text) !== text) changed += 1;
            yield json(record, { indent: 0 });
          }
        };
        const saved = async function* () {
          for await (const record of recordsOf(deployment)) {
            count += 1;
            yield `${JSON.stringify(record)}\n`;
          }
        };
        if (out === undefined) await printAll(printed());
        else await writeCompleteFile(out, (file) => pipeline(saved, file));
        note(
          out === undefined
            ? `${counted(count, 'key')}.`
            : `${counted(count, 'key')} exported to ${out}, which only you can read.`,
        );
        if (changed > 0)
          note(
            `${counted(changed, 'record')} ${changed === 1 ? 'contains' : 'contain'} a key, for example in a name. Keys are hidden on stdout. Use --out for an exact copy.`,
          );
      }),
    );
}

async function* recordsOf(deployment: Deployment): AsyncGenerator<ExportAnswer['records'][number]> {
  let cursor: string | null = null;
  do {
    const page: ExportAnswer = await deployment.keys.exportKeys({ cursor: cursor ?? undefined });
    yield* page.records;
    cursor = page.cursor;
  } while (cursor !== null);
}
