import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import type { ExportAnswer } from '../../functions/manage/operations/export.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { note } from '../output/screen.ts';
import { writeWhole } from '../output/whole-file.ts';
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
        const lines = async function* () {
          for await (const { records } of pagesOf(deployment)) {
            count += records.length;
            yield records.map((record) => `${JSON.stringify(record)}\n`).join('');
          }
        };
        if (out === undefined) await pipeline(lines, process.stdout, { end: false });
        else await writeWhole(out, (file) => pipeline(lines, file));
        note(`${String(count)} keys${out === undefined ? '' : ` in ${out}, which only you can read`}.`);
      }),
    );
}

async function* pagesOf(deployment: Deployment): AsyncGenerator<ExportAnswer> {
  let cursor: string | null = null;
  do {
    const page: ExportAnswer = await deployment.keys.exportKeys({ cursor: cursor ?? undefined });
    yield page;
    cursor = page.cursor;
  } while (cursor !== null);
}
