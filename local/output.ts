import { styleText } from 'node:util';
import { safeText } from '../src/core/text/safe-text.ts';
import { CREDENTIALS, REGION } from './account.ts';
import type { DemoKeys } from './demo-keys.ts';
import { DEFAULT_ADMIN_PORT } from './options.ts';
import type { Local } from './server.ts';

export interface SummaryOptions extends DemoKeys, Pick<Local, 'apiUrl' | 'adminUrl' | 'dynamodbEndpoint' | 'table'> {
  readonly cacheTtlSeconds: number;
  /** The folder of the database, or `undefined` if it is in memory. */
  readonly dataFolder?: string | undefined;
}

/** Returns what `npm start` prints: the URLs, and commands to paste. Colors are left out if stdout is not a terminal. */
export function summary(options: SummaryOptions): string {
  const { apiUrl, adminUrl, demoKey, scopedKey, limitedKey, cacheTtlSeconds, dataFolder } = options;
  const connection = adminUrl.endsWith(`:${String(DEFAULT_ADMIN_PORT)}`) ? '--local' : `--endpoint ${adminUrl}`;
  const signed = `curl --aws-sigv4 "aws:amz:${REGION}:execute-api" --user ${CREDENTIALS.accessKeyId}:${CREDENTIALS.secretAccessKey}`;
  const steps: readonly (readonly [title: string, command: string])[] = [
    ['200: the demo key can call every route', `curl -i ${apiUrl}/orders/1 -H 'x-api-key: ${demoKey.key}'`],
    ['401: without a key, API Gateway does not invoke the authorizer', `curl -i ${apiUrl}/orders/1`],
    [
      '403: a key with the scope "GET /orders/*" cannot POST',
      `curl -i -X POST ${apiUrl}/orders/1 -H 'x-api-key: ${scopedKey.key}'`,
    ],
    [
      '429: the third request in a minute with a key that is limited to two',
      `for i in 1 2 3; do curl -i ${apiUrl}/orders/1 -H 'x-api-key: ${limitedKey.key}'; done`,
    ],
    [
      '201: create a key with the admin API, which requires a signature',
      `${signed} ${adminUrl}/keys -d '{"name":"my key","scopes":["GET /orders/*"],"expires":"90d"}'`,
    ],
    ['200: the usage of the demo key, by day and route', `${signed} ${adminUrl}/keys/${demoKey.prefix}/usage`],
    [
      'Revoke the demo key',
      `${signed} -X POST ${adminUrl}/keys/${demoKey.prefix}/revoke -d '{"reason":"just trying"}'`,
    ],
    [
      cacheTtlSeconds === 0
        ? '403: the revoked key is rejected'
        : `403: the revoked key is rejected, at the latest when the cached result expires after ${String(cacheTtlSeconds)} s (--cache-ttl)`,
      `curl -i ${apiUrl}/orders/1 -H 'x-api-key: ${demoKey.key}'`,
    ],
  ];
  return [
    '',
    styleText('bold', '  Latchkey is running on this machine'),
    '',
    field('Sample API', apiUrl),
    field('Admin API', `${adminUrl}  (IAM: ${CREDENTIALS.accessKeyId} / ${CREDENTIALS.secretAccessKey}, ${REGION})`),
    field('OpenAPI', `${adminUrl}/openapi.json`),
    field('Lambda', `${adminUrl}  (aws lambda invoke --endpoint-url …)`),
    field(
      'DynamoDB',
      `${options.dynamodbEndpoint}  (table ${options.table}${dataFolder === undefined ? '' : `, kept in ${dataFolder}`})`,
    ),
    field('CLI', `npm run latchkey -- list ${connection}`),
    field('Console', `npm run latchkey -- console ${connection}`),
    ...steps.flatMap(([title, command]) => ['', `  ${styleText('green', `# ${title}`)}`, `  ${command}`]),
    '',
    styleText(
      'dim',
      '  Run "npm run demo" to add demo data. Use --persist to keep data, and --logs to print function logs. Press Ctrl-C to stop.',
    ),
    '',
  ].join('\n');
}

/** Returns a line of a function's log as `npm start -- --logs` prints it. Functions log data that callers sent. */
export function logLine(functionName: string, line: string): string {
  return `${functionName}  ${safeText(line)}`;
}

function field(name: string, value: string): string {
  return `  ${styleText('dim', name.padEnd(12))}${styleText('cyan', value)}`;
}
