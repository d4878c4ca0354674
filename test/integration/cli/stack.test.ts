import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { functionOutput, OPERATION_NAMES, OPERATIONS } from '../../../src/management/operations.ts';
import { latchkey, type Run } from '../../support/cli/latchkey.ts';
import { localDeployment, type LocalDeployment } from '../../support/cli/local-deployment.ts';

/**
 * A simulated stack: the real functions behind the Lambda Invoke API, the real DynamoDB Local, and a server that implements the
 * query protocol of CloudFormation and STS.
 */
let deployment: LocalDeployment;
let server: Server;
let env: Record<string, string>;
/** The stacks of the account, by name: their outputs. */
const stacks = new Map<string, Record<string, string>>();

beforeAll(async () => {
  deployment = await localDeployment();
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.method === 'GET') {
        // API Gateway, which uses JSON. This user has no permission for it.
        const headers = { 'content-type': 'application/json', 'x-amzn-errortype': 'AccessDeniedException' };
        response.writeHead(403, headers).end('{"message":"not authorized"}');
        return;
      }
      const target = request.headers['x-amz-target'];
      if (typeof target === 'string') {
        const [status, result] = secretsManager(target.replace('secretsmanager.', ''), body);
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(result));
        return;
      }
      const parameters = new URLSearchParams(body);
      const [status, xml] = answer(parameters.get('Action'), parameters.get('StackName') ?? '');
      response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const aws = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  env = {
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: aws,
    AWS_ENDPOINT_URL_LAMBDA: deployment.adminUrl,
    // The path distinguishes its responses from the others.
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `${aws}/secretsmanager`,
    AWS_ENDPOINT_URL_DYNAMODB: deployment.dynamodbEndpoint,
  };
});
afterAll(async () => {
  server.close();
  await deployment.stop();
});

const allOutputs = () => ({
  TableName: deployment.table,
  AuthorizerFunctionName: 'authorizer',
  ...Object.fromEntries(OPERATION_NAMES.map((name) => [functionOutput(name), OPERATIONS[name].entry])),
});

beforeEach(() => {
  stacks.clear();
  stacks.set('Latchkey', allOutputs());
});

function answer(action: string | null, stack: string): [number, string] {
  if (action === 'GetCallerIdentity') {
    const arn = '<Arn>arn:aws:iam::000000000000:user/operator</Arn><Account>000000000000</Account>';
    return [
      200,
      `<GetCallerIdentityResponse><GetCallerIdentityResult>${arn}</GetCallerIdentityResult></GetCallerIdentityResponse>`,
    ];
  }
  if (action !== 'DescribeStacks')
    return [
      403,
      '<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>',
    ];
  const outputs = stacks.get(stack);
  if (outputs === undefined) {
    const error = `<Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id ${stack} does not exist</Message>`;
    return [400, `<ErrorResponse><Error>${error}</Error></ErrorResponse>`];
  }
  const members = Object.entries(outputs).map(
    ([name, value]) => `<member><OutputKey>${name}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const found = `<StackName>${stack}</StackName><StackStatus>CREATE_COMPLETE</StackStatus><Outputs>${members.join('')}</Outputs>`;
  return [
    200,
    `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>${found}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`,
  ];
}

/** The secrets of the account, and the actions of Secrets Manager that the user may not use. */
const secrets = new Map<string, { readonly entry: object; readonly value?: string }>();
const denied = new Set<string>();

function secretsManager(action: string, body: string): [number, object] {
  if (denied.has(action)) return [400, { __type: 'AccessDeniedException', Message: 'not authorized' }];
  if (action === 'ListSecrets')
    return [200, { SecretList: [...secrets].map(([name, { entry }]) => ({ Name: name, ARN: name, ...entry })) }];
  const { SecretId } = JSON.parse(body) as { SecretId: string };
  const { value } = secrets.get(SecretId) ?? {};
  if (action !== 'GetSecretValue' || value === undefined) return [400, { __type: 'ResourceNotFoundException' }];
  return [200, { SecretString: value }];
}

const run = (args: string[], change: Record<string, string> = {}) => latchkey(args, { env: { ...env, ...change } });

/** Expects exit code 3, with a message of one line and no stack trace. */
function expectUnreachable({ code, stdout, stderr }: Run, message: RegExp): void {
  expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
  expect(stderr).toMatch(message);
  expect(stderr.trim().split('\n')).toHaveLength(1);
}

describe('a stack', () => {
  it('a stack is found by its name, and its functions by its outputs', async () => {
    const { code, stdout } = await run(['create', 'Checkout']);
    expect(code).toBe(0);
    expect(await deployment.statusOf(stdout.trim())).toBe(200);
    stacks.set('Other', allOutputs());
    stacks.delete('Latchkey');
    expect((await run(['list', '--stack', 'Other'])).code).toBe(0);
    expect((await run(['list'], { LATCHKEY_STACK: 'Other' })).code).toBe(0);
  });

  it('a stack is reported with what to do if it does not exist', async () => {
    const missing = /^latchkey: The stack Nowhere doesn't exist in us-east-1\. Deploy it with "npx cdk deploy", .*\n$/;
    expectUnreachable(await run(['list', '--stack', 'Nowhere']), missing);
    const inJson = await run(['list', '--stack', 'Nowhere', '--json']);
    expect(JSON.parse(inJson.stderr)).toMatchObject({ error: { code: 'unreachable' } });
    expectUnreachable(await run(['list', '--region', 'eu-west-1', '--stack', 'Nowhere']), /in eu-west-1/);
  });

  it('a stack is reported with the missing output and what to do if an operation has no output', async () => {
    const { ExportFunctionName: _, ...outputs } = allOutputs() as Record<string, string>;
    stacks.set('Latchkey', outputs);
    expectUnreachable(await run(['export']), /has no output ExportFunctionName.*addOutputs/);
  });

  it('a stack can be without owner suspension: the owner commands name the prop, and doctor succeeds', async () => {
    const {
      OwnerFunctionName: _,
      SuspendFunctionName: __,
      ResumeFunctionName: ___,
      ...outputs
    } = allOutputs() as Record<string, string>;
    stacks.set('Latchkey', outputs);
    expectUnreachable(
      await run(['suspend', 'acme', '--yes']),
      /has no output SuspendFunctionName\..*requires ownerSuspension: true on the ApiKeys construct/,
    );
    expect((await run(['doctor', '--json'])).code).toBe(0);
  });

  it('a stack can be without usage: the command usage names the construct, and doctor succeeds', async () => {
    const { UsageFunctionName: _, ...outputs } = allOutputs() as Record<string, string>;
    stacks.set('Latchkey', outputs);
    expectUnreachable(
      await run(['usage', '000000000000']),
      /has no output UsageFunctionName.*requires a Usage construct/,
    );
    expect((await run(['doctor', '--json'])).code).toBe(0);
  });

  it('a stack is reported if a function was deleted', async () => {
    stacks.set('Latchkey', { ...allOutputs(), ListFunctionName: 'gone' });
    expectUnreachable(await run(['list']), /Can't call gone in the stack Latchkey in us-east-1/);
  });

  it('a stack cannot be reached without credentials, a Region or a connection, and the message says which', async () => {
    const { AWS_ACCESS_KEY_ID: _id, AWS_SECRET_ACCESS_KEY: _secret, AWS_REGION: _region, ...bare } = env;
    expectUnreachable(await latchkey(['list'], { env: bare }), /^latchkey: No AWS Region is set\. Use --region/);
    expectUnreachable(
      await latchkey(['list', '--region', 'us-east-1'], { env: bare }),
      /^latchkey: Your AWS credentials are missing/,
    );
    expectUnreachable(await run(['list', '--profile', 'nobody']), /^latchkey: Your AWS credentials are missing/);
    expectUnreachable(
      await run(['list'], { AWS_ENDPOINT_URL: 'http://127.0.0.1:1' }),
      /^latchkey: Can't look for the stack Latchkey: .* Check your connection/,
    );
    expectUnreachable(await latchkey(['list', '--endpoint', 'http://127.0.0.1:1']), /is "npm start" running\?/);
  });
});

it('whoami shows the AWS identity and the stack', async () => {
  expect(JSON.parse((await run(['whoami', '--json'])).stdout)).toEqual({
    identity: 'arn:aws:iam::000000000000:user/operator',
    account: '000000000000',
    region: 'us-east-1',
    stack: 'Latchkey',
    status: 'CREATE_COMPLETE',
  });
  expect((await run(['whoami'])).stdout).toMatch(/^Identity +arn:aws:iam::000000000000:user\/operator\n/);
});

describe('a proxy', () => {
  /** Starts an HTTP proxy that records the hosts of requests. It sends every request to the simulated AWS. */
  async function startProxy() {
    const hosts: string[] = [];
    const proxy = createServer((incoming, outgoing) => {
      hosts.push(new URL(incoming.url ?? '').host);
      const { method, headers } = incoming;
      const forwarded = request(String(env['AWS_ENDPOINT_URL']), { method, headers }, (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(outgoing);
      });
      incoming.pipe(forwarded);
    });
    return { hosts, url: await listening(proxy) };
  }

  async function listening(proxy: Server): Promise<string> {
    proxy.listen(0, '127.0.0.1');
    await new Promise((resolve) => proxy.once('listening', resolve));
    onTestFinished(() => {
      proxy.closeAllConnections();
      proxy.close();
    });
    return `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
  }

  it('a proxy is used for AWS if HTTP_PROXY is set, except for the hosts in NO_PROXY', async () => {
    const { hosts, url } = await startProxy();
    const proxied = { AWS_ENDPOINT_URL: 'http://aws.invalid', HTTP_PROXY: url, NO_PROXY: '127.0.0.1' };
    expect(await run(['whoami'], proxied)).toMatchObject({ code: 0, stderr: '' });
    expect(hosts).toEqual(['aws.invalid', 'aws.invalid']);
    // NO_PROXY includes the Lambda API of this test.
    expect((await run(['list'], proxied)).code).toBe(0);
    expect(hosts).toEqual(['aws.invalid', 'aws.invalid', 'aws.invalid']);
    expectUnreachable(await run(['whoami'], { ...proxied, NO_PROXY: '*' }), /ENOTFOUND|EAI_AGAIN/);
  });

  it('a proxy is used for AWS through a tunnel if HTTPS_PROXY is set', async () => {
    const tunnels: (string | undefined)[] = [];
    const proxy = createServer().on('connect', (incoming, socket) => {
      tunnels.push(incoming.url);
      socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    });
    const proxied = { AWS_ENDPOINT_URL: 'https://aws.invalid', HTTPS_PROXY: await listening(proxy) };
    expect((await run(['whoami'], proxied)).code).toBe(3);
    expect(tunnels[0]).toBe('aws.invalid:443');
  });
});

describe('doctor', () => {
  interface Findings {
    findings: { check: string; status: string; found: string; advice?: string }[];
  }
  const byCheck = ({ stdout }: Run) =>
    new Map((JSON.parse(stdout) as Findings).findings.map((finding) => [finding.check, finding]));

  it('checks credentials, stack, outputs, functions, table, indexes, TTL, backups and caches', async () => {
    const result = await run(['doctor', '--json']);
    const found = byCheck(result);
    expect([...found.keys()]).toEqual([
      'Credentials',
      'Stack',
      'Outputs',
      'Functions',
      'Table',
      'Indexes',
      'TTL',
      'Backups',
      'Secrets',
      'Caches',
    ]);
    for (const check of ['Credentials', 'Stack', 'Outputs', 'Functions', 'Indexes', 'TTL'])
      expect(found.get(check), check).toMatchObject({ status: 'ok' });
    expect(found.get('Credentials')?.found).toContain('user/operator');
    // DynamoDB Local has no deletion protection, and the simulated API Gateway denies access.
    expect(found.get('Table')).toMatchObject({
      status: 'warning',
      advice: expect.stringContaining('deletionProtection') as string,
    });
    expect(found.get('Caches')).toMatchObject({
      status: 'unknown',
      advice: expect.stringContaining('apigateway:GET') as string,
    });
    expect(result.code).toBe(0);
  });

  describe('of the secrets', () => {
    const DAY_SECONDS = 86_400;
    const now = Math.floor(Date.now() / 1000);
    beforeEach(() => {
      secrets.clear();
      denied.clear();
    });
    const put = async (name: string, { fields = {}, value }: { fields?: object; value?: string | null } = {}) => {
      const { key, record } = JSON.parse((await run(['create', name, '--json'])).stdout) as {
        key: string;
        record: { prefix: string };
      };
      const json = JSON.stringify({ key, keyId: record.prefix, expiresAt: null });
      const entry = {
        Tags: [{ Key: 'latchkey:table', Value: deployment.table }],
        RotationEnabled: true,
        NextRotationDate: now + DAY_SECONDS,
        SecretVersionsToStages: { first: ['AWSCURRENT'] },
        ...fields,
      };
      secrets.set(name, { entry, ...(value === null ? {} : { value: value ?? json }) });
      return record.prefix;
    };

    it('lists those whose key does not work, and those that are not rotated on time', async () => {
      await put('working');
      const revoked = await put('revoked');
      await run(['revoke', revoked, '--yes']);
      const disabled = await put('disabled');
      await run(['disable', disabled, '--yes']);
      const replaced = await put('replaced');
      await run(['rotate', replaced, '--yes']);
      await put('missing', { value: JSON.stringify({ key: 'k', keyId: '000000000000', expiresAt: null }) });
      await put('empty', { value: null });
      await put('password', { value: 'a password' });
      await put('overdue', { fields: { NextRotationDate: now - 2 * DAY_SECONDS } });
      await put('unfinished', { fields: { SecretVersionsToStages: { a: ['AWSCURRENT'], b: ['AWSPENDING'] } } });
      await put('off', { fields: { RotationEnabled: false } });
      await put('of another deployment', { fields: { Tags: [{ Key: 'latchkey:table', Value: 'other' }] } });
      const result = await run(['doctor', '--json']);
      const found = byCheck(result);
      expect(found.get('Secrets')).toMatchObject({ status: 'ok', found: '1 of 10 with a working key' });
      expect(
        [...found].flatMap(([check, { status, found: text }]) =>
          check.startsWith('Secret ') ? [[check, status, text]] : [],
        ),
      ).toEqual([
        ['Secret revoked', 'fault', `the key ${revoked} is revoked`],
        ['Secret disabled', 'fault', `the key ${disabled} is disabled`],
        ['Secret replaced', 'fault', `the key ${replaced} was replaced outside of the secret`],
        ['Secret missing', 'fault', 'the key in the secret does not exist'],
        ['Secret empty', 'fault', 'the secret has no value'],
        ['Secret password', 'fault', 'the value has no key'],
        ['Secret overdue', 'fault', expect.stringMatching(/^the rotation is overdue since \d{4}-/)],
        ['Secret unfinished', 'warning', 'a rotation is under way or has failed'],
        ['Secret off', 'warning', 'the rotation is off'],
      ]);
      expect(result.code).toBe(1);
    });

    it('works without permission, and says which is missing', async () => {
      await put('hidden');
      denied.add('GetSecretValue');
      const partly = await run(['doctor', '--json']);
      expect(byCheck(partly).get('Secret hidden')).toMatchObject({
        status: 'unknown',
        advice: expect.stringContaining('secretsmanager:GetSecretValue') as string,
      });
      denied.add('ListSecrets');
      const none = await run(['doctor', '--json']);
      expect(byCheck(none).get('Secrets')).toMatchObject({
        status: 'unknown',
        advice: 'add the permission secretsmanager:ListSecrets',
      });
      expect([partly.code, none.code]).toEqual([0, 0]);
    });
  });

  it('exits with 1 if something does not work, and says what to do', async () => {
    stacks.set('Latchkey', { ...allOutputs(), TableName: 'gone', ListFunctionName: 'gone' });
    const { code, stdout } = await run(['doctor']);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ fault\tFunctions/);
    expect(stdout).toMatch(/✗ fault\tTable/);
    for (const check of ['Functions', 'Table', 'Indexes', 'TTL'])
      expect(stdout).toMatch(new RegExp(`^${check}: .*(?:restore|deploy)`, 'm'));
    stacks.set('Latchkey', { TableName: deployment.table });
    const outdated = await run(['doctor', '--json']);
    expect(byCheck(outdated).get('Outputs')).toMatchObject({
      status: 'fault',
      found: expect.stringContaining('ImportFunctionName') as string,
    });
  });
});
