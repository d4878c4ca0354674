import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { it } from 'vitest';
import { randomBase62 } from '../../../../src/core/keys/base62.ts';
import { newKey } from '../../../../src/core/keys/key.ts';
import { json, serve } from '../../../../local/gateway/http.ts';
import { FakeEventBus } from '../../events/fake-event-bus.ts';
import { functionOf } from '../../local/lambda/function-of.ts';
import { localConnection, testTable } from '../../storage/test-table.ts';
import { foreignKeyMade } from '../foreign-keys.ts';

/** The ways in which a key could leak. */
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
  pieces: async (_key, secret) => {
    const server = createServer((_request, response) => {
      response.write(`{"found":"${secret}`);
      response.end('"}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    await (await fetch(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/pieces`)).text();
    server.close();
  },
  event: async (key) => {
    const bus = new FakeEventBus();
    const client = new EventBridgeClient({ ...localConnection(), endpoint: await bus.start() });
    await client.send(
      new PutEventsCommand({ Entries: [{ DetailType: 'API Key Created', Detail: `{"name":"${key}"}` }] }),
    );
    client.destroy();
    await bus.stop();
  },
  item: async (key) => {
    const { client, tableName } = await testTable();
    await client.send(new PutCommand({ TableName: tableName, Item: { prefix: 'a', name: key } }));
  },
  file: (_key, secret) => {
    writeFileSync(join(mkdtempSync(join(tmpdir(), 'latchkey-planted-')), 'notes.txt'), `lk ${secret}`);
  },
};

async function plant(key: string, secret: string, leak: (key: string, secret: string) => unknown): Promise<void> {
  if (process.env['PLANTED'] !== undefined) await leak(key, secret);
  // The caller checks that the report doesn't contain it.
  appendFileSync(process.env['PLANTED_SECRETS'] ?? '/dev/null', `${secret}\n`);
}

it.each(Object.entries(LEAKS))('%s', async (_way, leak) => {
  const { prefix, text: key } = newKey({ label: 'lk', randomBytes });
  console.log(prefix);
  await plant(key, key.slice(-49, -6), leak);
});

it('leaks a key of another system', async () => {
  const secret = randomBase62(32, randomBytes);
  foreignKeyMade(`abcdefgh.${secret}`);
  await plant(`abcdefgh.${secret}`, secret, async (key) => {
    const child = spawn(process.execPath, ['-e', 'console.log(process.env.KEY)'], { env: { KEY: key }, stdio: 'pipe' });
    await Promise.all([text(child.stdout), once(child, 'close')]);
  });
});
