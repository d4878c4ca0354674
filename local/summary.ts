import { styleText } from 'node:util';
import { CREDENTIALS, REGION } from './account.ts';
import type { DemoKey } from './demo-keys.ts';
import type { Local } from './server.ts';

export interface SummaryFacts extends Pick<Local, 'apiUrl' | 'adminUrl' | 'dynamodbEndpoint' | 'table'> {
  readonly cacheTtlSeconds: number;
  /** May call everything. */
  readonly demoKey: DemoKey;
  /** May only `GET /orders/*`. */
  readonly scopedKey: DemoKey;
  /** May call twice a minute. */
  readonly limitedKey: DemoKey;
}

/** What `npm start` prints: where things are, and lines to paste. `styleText` leaves colours out where there is no terminal. */
export function summary(facts: SummaryFacts): string {
  const { apiUrl, adminUrl, demoKey, scopedKey, limitedKey, cacheTtlSeconds } = facts;
  const signed = `curl --aws-sigv4 "aws:amz:${REGION}:execute-api" --user ${CREDENTIALS.accessKeyId}:${CREDENTIALS.secretAccessKey}`;
  const steps: readonly (readonly [title: string, command: string])[] = [
    ['200: the demo key opens every route', `curl -i ${apiUrl}/orders/1 -H 'x-api-key: ${demoKey.key}'`],
    ['401: no key, and the authorizer is not even asked', `curl -i ${apiUrl}/orders/1`],
    [
      '403: a key with the scope "GET /orders/*" may not POST',
      `curl -i -X POST ${apiUrl}/orders/1 -H 'x-api-key: ${scopedKey.key}'`,
    ],
    [
      '429: the third call within a minute of a key that may make two',
      `for i in 1 2 3; do curl -i ${apiUrl}/orders/1 -H 'x-api-key: ${limitedKey.key}'; done`,
    ],
    [
      '201: make a key of your own; the admin API wants a signature',
      `${signed} ${adminUrl}/keys -d '{"name":"my key","scopes":["GET /orders/*"],"expires":"90d"}'`,
    ],
    ['200: what the demo key was used for, by day and route', `${signed} ${adminUrl}/keys/${demoKey.prefix}/usage`],
    [
      'revoke the demo key',
      `${signed} -X POST ${adminUrl}/keys/${demoKey.prefix}/revoke -d '{"reason":"just trying"}'`,
    ],
    [
      cacheTtlSeconds === 0
        ? '403: from now on'
        : `403: once the cached answer has gone, at most ${String(cacheTtlSeconds)} s later (--cache-ttl)`,
      `curl -i ${apiUrl}/orders/1 -H 'x-api-key: ${demoKey.key}'`,
    ],
  ];
  return [
    '',
    styleText('bold', '  Latchkey is running on this machine'),
    '',
    fact('Sample API', apiUrl),
    fact('Admin API', `${adminUrl}  (IAM: ${CREDENTIALS.accessKeyId} / ${CREDENTIALS.secretAccessKey}, ${REGION})`),
    fact('Lambda', `${adminUrl}  (aws lambda invoke --endpoint-url …)`),
    fact('DynamoDB', `${facts.dynamodbEndpoint}  (table ${facts.table})`),
    ...steps.flatMap(([title, command]) => ['', `  ${styleText('green', `# ${title}`)}`, `  ${command}`]),
    '',
    styleText('dim', '  --logs prints what the functions log; Ctrl-C ends everything.'),
    '',
  ].join('\n');
}

function fact(name: string, value: string): string {
  return `  ${styleText('dim', name.padEnd(12))}${styleText('cyan', value)}`;
}
