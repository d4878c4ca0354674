import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, describe, expect, inject, it } from 'vitest';
import { emulatedAccount } from './ministack.ts';

const account = emulatedAccount(inject('ministack'));
const cloudFormation = new CloudFormationClient(account.aws);
const dynamodb = new DynamoDBClient(account.aws);
afterAll(() => {
  cloudFormation.destroy();
  dynamodb.destroy();
});

const TIMEOUT_MS = 900_000;
const ARGUMENTS = ['--account', '000000000000', '--region', 'us-east-1'];

interface Run {
  readonly code: number;
  readonly printed: string;
}

/** Runs what `npm run test:aws` runs, after a build. */
function testAws(args: readonly string[], onOutput: (text: string, interrupt: () => void) => void = () => undefined) {
  return new Promise<Run>((done) => {
    const env = { ...process.env, ...account.environment };
    const child = execFile(
      resolve('node_modules/.bin/node'),
      ['test/system/aws/run.ts', ...args],
      { env, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        done({
          code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
          printed: stdout + stderr,
        });
      },
    );
    const interrupt = () => child.kill('SIGINT');
    child.stdout?.on('data', (text) => {
      onOutput(String(text), interrupt);
    });
    child.stderr?.on('data', (text) => {
      onOutput(String(text), interrupt);
    });
  });
}

async function expectNothingLeft(printed: string): Promise<void> {
  const [stackName = ''] = /latchkey-test-[0-9a-f]{8}/.exec(printed) ?? [];
  expect(stackName).not.toBe('');
  await expect(cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }))).rejects.toThrow(
    'does not exist',
  );
  const { TableNames = [] } = await dynamodb.send(new ListTablesCommand());
  expect(TableNames.filter((name) => name.startsWith(stackName))).toEqual([]);
}

describe('npm run test:aws', () => {
  it('npm run test:aws refuses to run without an account', async () => {
    const { code, printed } = await testAws(['--region', 'us-east-1']);
    expect(printed).toContain('--account must be the 12-digit ID');
    expect(code).toBe(2);
  });

  it('npm run test:aws refuses to run with credentials of another account', async () => {
    const { code, printed } = await testAws(['--account', '111111111111', '--region', 'us-east-1']);
    expect(printed).toContain('The credentials belong to account 000000000000, not 111111111111.');
    expect(code).toBe(2);
  });

  it(
    'npm run test:aws tests every kind of API, answers the open questions, and leaves nothing',
    { timeout: TIMEOUT_MS },
    async () => {
      const { code, printed } = await testAws(ARGUMENTS);
      expect(code, printed).toBe(0);
      expect(printed).toContain('Expected cost:');
      expect(printed).toMatch(/Revoke to first rejection, HTTP, without flush \| \d+ ms/);
      expect(printed).toMatch(/payload version of the deployed authorizer \| 1\.0 \| 1\.0 \|/);
      expect(printed).toContain('the emulator cannot answer this');
      expect(printed).not.toContain('question failed:');
      await expectNothingLeft(printed);
    },
  );

  it('npm run test:aws leaves nothing after Ctrl-C during the deployment', { timeout: TIMEOUT_MS }, async () => {
    const { code, printed } = await testAws(ARGUMENTS, (text, interrupt) => {
      if (text.includes('CREATE_COMPLETE') || text.includes('CREATE_IN_PROGRESS')) interrupt();
    });
    expect(code).toBe(130);
    await expectNothingLeft(printed);
  });
});
