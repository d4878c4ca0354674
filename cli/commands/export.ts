import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import type { ExportAnswer } from '../../functions/manage/operations/export.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { newFile } from '../output/new-file.ts';
import { note } from '../output/screen.ts';
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
        const file = out === undefined ? undefined : (await newFile(out)).createWriteStream();
        let count: number;
        try {
          count = await writeKeys(deployment, file ?? process.stdout);
          if (file !== undefined) await finished(file.end());
        } catch (error) {
          // Half an export looks like a whole one.
          file?.destroy();
          if (out !== undefined) await rm(out, { force: true });
          throw error;
        }
        note(`${String(count)} keys${out === undefined ? '' : ` in ${out}, which only you can read`}.`);
      }),
    );
}

/** @returns how many */
async function writeKeys(deployment: Deployment, stream: Writable): Promise<number> {
  let count = 0;
  let cursor: string | null = null;
  do {
    const page: ExportAnswer = await deployment.keys.exportKeys({ cursor: cursor ?? undefined });
    const lines = page.records.map((record) => `${JSON.stringify(record)}\n`).join('');
    if (lines !== '' && !stream.write(lines)) await once(stream, 'drain');
    count += page.records.length;
    cursor = page.cursor;
  } while (cursor !== null);
  return count;
}
