import { setTimeout as delay } from 'node:timers/promises';
import {
  APIGatewayClient,
  CreateAuthorizerCommand,
  CreateUsagePlanCommand,
  DeleteUsagePlanCommand,
} from '@aws-sdk/client-api-gateway';
import {
  ApiGatewayV2Client,
  CreateAuthorizerCommand as CreateHttpAuthorizerCommand,
  GetAuthorizersCommand,
} from '@aws-sdk/client-apigatewayv2';
import { CRASH_FILTER_PATTERN } from '../../../cdk/monitoring.ts';
import { send, type Endpoint } from '../acceptance/http.ts';
import { connect, Keys } from '../acceptance/kinds.ts';
import { output, type Outputs } from '../acceptance/stack.ts';
import { cloudWatchLogs, type Account } from './account.ts';
import { places } from './places.ts';

/** How long to wait for an access log line, in milliseconds. */
const LOG_WAIT_MS = 60_000;
const LOG_POLL_MS = 2000;

/** One question that AWS's documentation leaves open. */
export interface Question {
  readonly question: string;
  /** What the code expects, or how it avoids depending on the answer. */
  readonly expected: string;
  /** Whether MiniStack can't answer it, because it was built from the documentation or lacks the feature. */
  readonly realAccountOnly?: boolean;
  readonly ask: () => Promise<string>;
}

export interface Answer {
  readonly question: string;
  readonly expected: string;
  readonly seen: string;
}

/** Asks every question, even if some fail. */
export async function answersTo(questions: readonly Question[], isEmulated: boolean): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { question, expected, realAccountOnly = false, ask } of questions) {
    const seen =
      isEmulated && realAccountOnly
        ? 'the emulator cannot answer this'
        : await ask().catch(
            (error: unknown) => `question failed: ${error instanceof Error ? error.message : String(error)}`,
          );
    answers.push({ question, expected, seen });
  }
  return answers;
}

/** The open questions, asked of a deployed test stack. */
export function openQuestions(account: Account, outputs: Outputs): Question[] {
  const at = (name: string): Endpoint => account.endpointOf(output(outputs, name));
  const get = async (endpoint: Endpoint, path: string, headers: Readonly<Record<string, string>> = {}) =>
    String((await send(endpoint, { method: 'GET', path, headers })).status);
  const probe = (name: string, path = '/probe') => get(at('ProbeRestUrl'), path, { 'x-probe': name });

  return [
    {
      question: 'HTTP API: status when an authorizer throws Unauthorized',
      expected: '401 or 500; Latchkey denies with 403 instead',
      realAccountOnly: true,
      ask: async () => get(at('ProbeHttpUrl'), '/throw', { 'x-probe': 'throw' }),
    },
    {
      question: 'WebSocket API: identity source X-Probe, request header x-probe',
      expected: '101 if case is ignored, 401 if not; Latchkey uses the caller’s address',
      realAccountOnly: true,
      ask: async () => String(await connect(at('ProbeWebSocketUrl'), { 'x-probe': 'allow' })),
    },
    {
      question: 'HTTP API, payload 2.0: header Cookie as identity source',
      expected: '200 if it works, 401 if not; Latchkey caches nothing for keys in cookies',
      realAccountOnly: true,
      ask: async () => get(at('ProbeHttpUrl'), '/cookie', { cookie: 'session=1' }),
    },
    {
      question: 'REST API: empty identity source at TTL 0',
      expected: 'accepted or rejected; Latchkey never sends it',
      realAccountOnly: true,
      ask: () => restAuthorizerWithoutIdentitySource(account, outputs),
    },
    {
      question: 'HTTP API: empty identity source at TTL 0',
      expected: 'accepted or rejected; Latchkey never sends it',
      realAccountOnly: true,
      ask: () => httpAuthorizerWithoutIdentitySource(account, outputs),
    },
    {
      question: 'REST API: policy for the raw path (a%20b)',
      expected: '200 if policies match raw paths, else 403; scopes match both',
      realAccountOnly: true,
      ask: () => probe('raw', '/paths/a%20b'),
    },
    {
      question: 'REST API: policy for the decoded path (a b)',
      expected: '200 if policies match decoded paths, else 403; scopes match both',
      realAccountOnly: true,
      ask: () => probe('decoded', '/paths/a%20b'),
    },
    {
      question: 'REST API: status for an authorizer result above 8 KB',
      expected: '500; Latchkey refuses such keys',
      realAccountOnly: true,
      ask: () => probe('large'),
    },
    {
      question: 'Access log: $context.authorizer.keyId of a request that a policy denies',
      expected: 'the key ID or "-"; usage counts such a request if there is one',
      realAccountOnly: true,
      ask: () => logLineOf(account, outputs, 'deny'),
    },
    {
      question: 'Access log: quoting of a value with a quote and a backslash',
      expected: 'any; Latchkey logs no value that can contain one',
      realAccountOnly: true,
      ask: () => logLineOf(account, outputs, 'quotes'),
    },
    {
      question: 'Usage plan: rate limit of 0.001 per second',
      expected: 'any; Latchkey rejects rates below 0.01',
      realAccountOnly: true,
      ask: () => usagePlanRate(account),
    },
    {
      question: 'HTTP API in IAM mode: payload version of the deployed authorizer',
      expected: '1.0',
      ask: () => payloadVersions(account, output(outputs, 'HttpIamId')),
    },
    {
      question: 'Metric filter of crashes: lines that match, of 3 of the runtime and 2 that callers shaped',
      expected: '3 of the runtime, 0 of callers',
      realAccountOnly: true,
      ask: () => crashFilter(account),
    },
    {
      question: 'Flush of the stage $default, with both ARN forms granted',
      expected: 'flushed: one of the two forms is what IAM sees',
      realAccountOnly: true,
      ask: () => flushOfDefaultStage(account, outputs),
    },
  ];
}

async function restAuthorizerWithoutIdentitySource({ aws }: Account, outputs: Outputs): Promise<string> {
  const client = new APIGatewayClient(aws);
  try {
    // Deleted with the API.
    const { identitySource = '(none)' } = await client.send(
      new CreateAuthorizerCommand({
        restApiId: output(outputs, 'ProbeRestId'),
        name: 'no-identity-source',
        type: 'REQUEST',
        authorizerUri: authorizerUri(aws.region, output(outputs, 'ProbeFunctionArn')),
        authorizerResultTtlInSeconds: 0,
        identitySource: '',
      }),
    );
    return `accepted, stored as ${JSON.stringify(identitySource)}`;
  } finally {
    client.destroy();
  }
}

async function httpAuthorizerWithoutIdentitySource({ aws }: Account, outputs: Outputs): Promise<string> {
  const client = new ApiGatewayV2Client(aws);
  try {
    const { IdentitySource = [] } = await client.send(
      new CreateHttpAuthorizerCommand({
        ApiId: output(outputs, 'ProbeHttpId'),
        Name: 'no-identity-source',
        AuthorizerType: 'REQUEST',
        AuthorizerUri: authorizerUri(aws.region, output(outputs, 'ProbeFunctionArn')),
        AuthorizerPayloadFormatVersion: '2.0',
        AuthorizerResultTtlInSeconds: 0,
        IdentitySource: [],
      }),
    );
    return `accepted, stored as ${JSON.stringify(IdentitySource)}`;
  } finally {
    client.destroy();
  }
}

function authorizerUri(region: string, functionArn: string): string {
  const partition = functionArn.split(':')[1] ?? 'aws';
  return `arn:${partition}:apigateway:${region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`;
}

/** Sends one request with the probe, and returns its line of the access log. */
async function logLineOf(account: Account, outputs: Outputs, probe: string): Promise<string> {
  const endpoint = account.endpointOf(output(outputs, 'ProbeRestUrl'));
  const { headers } = await send(endpoint, { method: 'GET', path: '/log', headers: { 'x-probe': probe } });
  const requestId = headers['x-amzn-requestid'] ?? headers['x-amz-apigw-requestid'];
  if (typeof requestId !== 'string') throw new Error('The response has no request ID.');
  const filter = { logGroupName: output(outputs, 'ProbeLogName'), filterPattern: `"${requestId}"` };
  const deadline = performance.now() + LOG_WAIT_MS;
  while (performance.now() < deadline) {
    const { events = [] } = (await cloudWatchLogs(account, 'FilterLogEvents', filter)) as {
      events?: { message: string }[];
    };
    if (events[0] !== undefined) return events[0].message;
    await delay(LOG_POLL_MS);
  }
  throw new Error(`The access log has no line of the request after ${String(LOG_WAIT_MS / 1000)} s.`);
}

async function usagePlanRate({ aws }: Account): Promise<string> {
  const client = new APIGatewayClient(aws);
  try {
    const { id, throttle } = await client.send(
      new CreateUsagePlanCommand({ name: 'latchkey-test-aws', throttle: { rateLimit: 0.001, burstLimit: 1 } }),
    );
    await client.send(new DeleteUsagePlanCommand({ usagePlanId: id }));
    return `accepted, stored as ${String(throttle?.rateLimit)}`;
  } finally {
    client.destroy();
  }
}

async function payloadVersions({ aws }: Account, ApiId: string): Promise<string> {
  const client = new ApiGatewayV2Client(aws);
  try {
    const { Items = [] } = await client.send(new GetAuthorizersCommand({ ApiId }));
    return Items.map(({ AuthorizerPayloadFormatVersion }) => AuthorizerPayloadFormatVersion).join(', ');
  } finally {
    client.destroy();
  }
}

const REQUEST_ID = '6f747f00-5c2c-4f56-8c4b-5f7f1d1c1f11';
const RUNTIME_LINES = [
  `2026-01-15T12:00:00.000Z ${REQUEST_ID} Task timed out after 5.00 seconds`,
  `RequestId: ${REQUEST_ID} Error: Runtime exited with error: exit status 1`,
  'INIT_REPORT Init Duration: 206.72 ms\tPhase: init\tStatus: error\tError Type: Runtime.ExitError',
];
const CALLER_LINES = [
  '{"level":"INFO","message":"denied","route":"GET /Runtime.ExitError"}',
  '{"level":"INFO","message":"denied","route":"GET /Task timed out after 5.00 seconds"}',
];

async function crashFilter(account: Account): Promise<string> {
  const { matches = [] } = (await cloudWatchLogs(account, 'TestMetricFilter', {
    filterPattern: CRASH_FILTER_PATTERN,
    logEventMessages: [...RUNTIME_LINES, ...CALLER_LINES],
  })) as { matches?: { eventMessage: string }[] };
  const count = (lines: readonly string[]) =>
    String(matches.filter(({ eventMessage }) => lines.includes(eventMessage)).length);
  return `${count(RUNTIME_LINES)} of the runtime, ${count(CALLER_LINES)} of callers`;
}

/** Revokes a key and returns what the function, whose role has both forms, reports for the stage `$default`. */
async function flushOfDefaultStage(account: Account, outputs: Outputs): Promise<string> {
  const { httpIam } = places(account, outputs);
  const keys = new Keys(httpIam);
  try {
    const { prefix } = await keys.create();
    const { caches } = await keys.revoke(prefix);
    const stage = `http/${output(outputs, 'HttpIamId')}/$default`;
    const { flushed, pending, failed } = caches;
    const lists: Readonly<Record<string, readonly string[]>> = { flushed, pending, failed };
    const list = Object.entries(lists).find(([, stages]) => stages.includes(stage));
    return list?.[0] ?? 'not reported';
  } finally {
    keys.close();
  }
}
