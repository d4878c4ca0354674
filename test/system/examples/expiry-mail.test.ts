import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json as bodyOf } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expiryEvent } from '../../../src/gateway/key-events.ts';
import { LocalFunction } from '../../../local/lambda/local-function.ts';
import { bundle } from '../../../scripts/bundle.ts';
import { aRecord } from '../../support/storage/records.ts';

/** A fake SES endpoint: https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html */
const ses = { mails: [] as { readonly path: string | undefined; readonly mail: unknown }[], status: 200 };
let server: Server;
let folder: string;
let mail: LocalFunction;

beforeAll(async () => {
  server = createServer((request, response) => {
    void bodyOf(request).then((sent) => {
      if (ses.status === 200) ses.mails.push({ path: request.url, mail: sent });
      response.writeHead(ses.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(ses.status === 200 ? { MessageId: 'a-mail' } : {}));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  folder = await mkdtemp(join(tmpdir(), 'expiry-mail-'));
  await bundle('examples/expiry-mail/mail/index.ts', folder);
  mail = new LocalFunction(
    {
      name: 'mail',
      bundle: pathToFileURL(join(folder, 'index.mjs')).href,
      timeoutMs: 20_000,
      variables: {
        AWS_REGION: 'us-east-1',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        AWS_ENDPOINT_URL_SESV2: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
        AWS_MAX_ATTEMPTS: '1',
        MAIL_FROM: 'api@acme.example',
      },
    },
    () => undefined,
  );
});
afterAll(async () => {
  await mail.stop();
  server.close();
  await rm(folder, { recursive: true });
});

const record = aRecord({ name: 'Checkout', metadata: { contact: 'ops@customer.example' } });
const { type, detail } = expiryEvent(record, Date.UTC(2027, 2, 8, 9), 7);
const event = JSON.stringify({ source: 'latchkey', 'detail-type': type, detail });

it('sends an email through SES to the contact of an expiring key', async () => {
  expect(await mail.invoke(event)).toMatchObject({ ok: true });
  const text = `Your API key "Checkout" (${record.prefix}) expires on 2027-03-08 at 09:00 UTC.
Request a new key before then. After that, requests with this key are rejected.`;
  expect(ses.mails).toEqual([
    {
      path: '/v2/email/outbound-emails',
      mail: {
        FromEmailAddress: 'api@acme.example',
        Destination: { ToAddresses: ['ops@customer.example'] },
        Content: { Simple: { Subject: { Data: 'Your API key expires soon' }, Body: { Text: { Data: text } } } },
      },
    },
  ]);
});

it('fails when SES fails, so that Lambda retries', async () => {
  ses.status = 500;
  expect(await mail.invoke(event)).toMatchObject({ ok: false });
});
