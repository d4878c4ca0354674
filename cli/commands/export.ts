import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { ExportAnswer } from '../../src/management/operations/export.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { note, printAll } from '../output/screen.ts';
import { json } from '../output/terminal-text.ts';
import { writeWhole } from '../output/whole-file.ts';
import { withoutKeys } from '../../src/core/text/without-keys.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions {
  readonly out?: string;
}

export function exportCommand(): Command {
  return deploymentCommand(
    'export',
    'Write down everything about the keys but the keys, as JSON lines for "import --from generic".',
    ['export --out latchkey.jsonl', 'export | jq -r .ownerId | sort | uniq -c'],
  )
    .option('--out <file>', 'a new file that only you can read (default: stdout)')
    .action((options: Options) =>
      onDeployment(options, async (deployment) => {
        const { out } = options;
        let count = 0;
        let changed = 0;
        const shown = async function* () {
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
        if (out === undefined) await printAll(shown());
        else await writeWhole(out, (file) => pipeline(saved, file));
        note(`${String(count)} keys${out === undefined ? '' : ` in ${out}, which only you can read`}.`);
        if (changed > 0)
          note(`${String(changed)} records contain a key, for example in a name. It is hidden here; --out exports it.`);
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
