import { globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, paginateListTables, paginateScan } from '@aws-sdk/client-dynamodb';
import type { TestProject } from 'vitest/node';
import { findKeys } from '../../../src/core/keys/find-keys.ts';
import { SECRET_LENGTH } from '../../../src/core/keys/key.ts';
import { Ledger, type Said } from './ledger.ts';
import { FILES_WITH_KEYS } from './may-show.ts';
import { SecretSearch } from './search.ts';

/** Larger files, such as core dumps, are not written by the tests. In bytes. */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/**
 * After the run, searches all output, every table, and every written file for every issued secret. A find fails the run. The
 * message has the place, but not the secret.
 *
 * Files in the temporary folder are kept until they have been searched.
 */
export default function setup(project: TestProject): () => Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-run-'));
  const scratch = join(folder, 'tmp');
  mkdirSync(scratch);
  const usual = process.env['TMPDIR'];
  process.env['TMPDIR'] = scratch;
  const ledger = new Ledger(join(folder, 'ledger'));
  project.provide('secretsLedger', join(folder, 'ledger'));
  const startedAt = Date.now();

  return async () => {
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
    try {
      const said = [...ledger.said()];
      const secrets = new Set([...ledger.issued, ...said.flatMap(shownIn)]);
      const search = new SecretSearch(secrets);
      const finds = said.filter((one) => search.indexIn(withoutShown(one)) >= 0).map(({ place }) => place);
      const { dynamodbEndpoint } = project.getProvidedContext();
      let items = 0;
      for await (const [table, item] of itemsAt(dynamodbEndpoint)) {
        items += 1;
        if (search.indexIn(item) >= 0) finds.push(`an item of ${table}`);
      }
      const files = filesSince(startedAt, scratch);
      for (const file of files) if (search.indexIn(readFileSync(file, 'latin1')) >= 0) finds.push(`the file ${file}`);
      const bytes = said.reduce((total, { text }) => total + text.length, 0);
      console.log(
        `Secrets: ${String(secrets.size)} issued; ${String(said.length)} outputs (${String(Math.ceil(bytes / 1024))} kB), ` +
          `${String(items)} items and ${String(files.length)} files searched; ${String(finds.length)} finds.`,
      );
      if (finds.length > 0) {
        console.error(`A key’s secret was found in:\n${[...new Set(finds)].sort().join('\n')}`);
        // Don't throw, so that the other teardowns run.
        process.exitCode = 1;
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  };
}

/** Keys that a place may show. Showing a key records it as issued. */
function shownIn({ mayShow, text }: Said): string[] {
  return mayShow === 'never' ? [] : findKeys(text).map(({ key }) => secretOf(key.text));
}

/** The output of a place without the keys that it may show: each key once, or every time. */
function withoutShown({ mayShow, text }: Said): string {
  if (mayShow === 'never') return text;
  const keys = new Set(findKeys(text).map(({ key }) => key.text));
  let rest = text;
  for (const key of keys) rest = mayShow === 'once' ? rest.replace(key, '') : rest.replaceAll(key, '');
  return rest;
}

function secretOf(keyText: string): string {
  return keyText.slice(keyText.lastIndexOf('_') + 1).slice(0, SECRET_LENGTH);
}

/** Every item of every table, as JSON. */
async function* itemsAt(endpoint: string | undefined): AsyncIterable<[table: string, item: string]> {
  if (endpoint === undefined) return;
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  const client = new DynamoDBClient({ endpoint, region: 'us-east-1', credentials });
  for await (const { TableNames = [] } of paginateListTables({ client }, {}))
    for (const TableName of TableNames)
      for await (const { Items = [] } of paginateScan({ client }, { TableName }))
        for (const item of Items) yield [TableName, JSON.stringify(item)];
  client.destroy();
}

/** Files written since a time, in the temporary folder and in the project. */
function filesSince(time: number, scratch: string): string[] {
  const ours = globSync(['**/*', '.*'], { exclude: ['node_modules/**', '.git/**', '.stryker-tmp/**'] });
  return [...globSync(`${scratch}/**/*`), ...ours].filter((file) => {
    const status = statSync(file, { throwIfNoEntry: false });
    const written = status?.isFile() === true && status.mtimeMs >= time && status.size <= MAX_FILE_BYTES;
    return written && !FILES_WITH_KEYS.some((pattern) => pattern.test(file));
  });
}
