import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { it } from 'vitest';
import { newKey } from '../../../functions/domain/key.ts';
import { json, serve } from '../../../local/gateway/http.ts';
import { functionOf } from '../../local/lambda/function-of.ts';
import { testTable } from '../../store/test-table.ts';

/** The ways in which a key could leak, in one form or another. */
const LEAKS: Record<string, (key: string, secret: string) => unknown> = {
  console: (key) => {
    console.warn({ deep: { inside: [key] } });
  },
  child: async (key) => {
    const child = spawn(process.execPath, ['-e', 'console.error(process.env.SECRET)'], {
      env: { SECRET: Buffer.from(`"key":"${key}"`).toString('base64') },
      stdio: 'pipe',
    });
    await Promise.all([text(child.stderr), once(child, 'close')]);
  },
  log: (_key, secret) =>
    functionOf(`process.stdout.write('{"metric":"' + event.secret + '"}\\n')`).invoke(JSON.stringify({ secret })),
  answer: (_key, secret) =>
    functionOf('throw new Error(`no such key: ${event.half}`)').invoke(JSON.stringify({ half: secret.slice(0, 31) })),
  header: async (_key, secret) => {
    const server = await serve(
      () => Promise.resolve({ ...json(200, {}), headers: [['x-trace', Buffer.from(secret).toString('hex')]] }),
      { port: 0, flag: '' },
    );
    await fetch(server.url);
    await server.stop();
  },
  url: async (key) => {
    const server = await serve(() => Promise.resolve(json(200, {})), { port: 0, flag: '' });
    await fetch(`${server.url}/keys/${key}`);
    await server.stop();
  },
  item: async (key) => {
    const { client, tableName } = await testTable();
    await client.send(new PutCommand({ TableName: tableName, Item: { prefix: 'a', name: key } }));
  },
  file: (_key, secret) => {
    writeFileSync(join(mkdtempSync(join(tmpdir(), 'latchkey-planted-')), 'notes.txt'), `lk ${secret}`);
  },
};

it.each(Object.entries(LEAKS))('%s', async (_way, leak) => {
  const { prefix, text: key } = newKey({ label: 'lk', randomBytes });
  console.log(prefix);
  const secret = key.slice(-49, -6);
  if (process.env['PLANTED'] !== undefined) await leak(key, secret);
  // For whoever looks whether the report repeats it.
  appendFileSync(process.env['PLANTED_SECRETS'] ?? '/dev/null', `${secret}\n`);
});
