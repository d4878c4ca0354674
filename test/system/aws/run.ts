import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { constants } from 'node:os';
import { parseArgs } from 'node:util';
import { outputsOf, type Outputs } from '../acceptance/stack.ts';
import { accountIdOf, accountIn, deleteExecutionLogs, deleteStack, hasLogRole, removeLogRole } from './account.ts';
import { measure } from './measurements.ts';
import { answersTo, openQuestions } from './questions.ts';

const USAGE = 'Usage: npm run test:aws -- --account <12-digit ID> --region <Region> [--profile <profile>]';
const COST = `Expected cost: less than $0.10, for about 2,000 requests and 30 minutes of on-demand tables, functions, and logs.
If the run is killed (SIGKILL, power), delete the stack yourself.`;
/** The outputs with the IDs of REST APIs, whose execution logs API Gateway itself creates. */
const REST_URLS = ['SampleApiUrl', 'AdminApiUrl', 'ProbeRestUrl'];

class UsageError extends Error {}

interface Options {
  readonly account: string;
  readonly region: string;
}

function optionsOf(args: string[]): Options {
  const { account, region, profile } = parse(args);
  if (account === undefined || !/^\d{12}$/.test(account))
    throw new UsageError(`--account must be the 12-digit ID of the AWS account to deploy to.\n${USAGE}`);
  if (region === undefined || !/^[a-z]{2}(-[a-z]+)+-\d$/.test(region))
    throw new UsageError(`--region must be an AWS Region, for example eu-west-1.\n${USAGE}`);
  // The SDK, the CDK, and the tests read these.
  process.env['AWS_REGION'] = region;
  if (profile !== undefined) process.env['AWS_PROFILE'] = profile;
  return { account, region };
}

function parse(args: string[]) {
  try {
    const string = { type: 'string' } as const;
    return parseArgs({ args, options: { account: string, region: string, profile: string } }).values;
  } catch (error) {
    throw new UsageError(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

/** Runs a program in this terminal. The program doesn't receive Ctrl-C itself: `interrupted` stops it. */
async function run(command: string, args: readonly string[], interrupted: AbortSignal): Promise<void> {
  interrupted.throwIfAborted();
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'], detached: true });
  const end = () => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
  };
  interrupted.addEventListener('abort', end, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', resolve);
    });
    interrupted.throwIfAborted();
    if (code !== 0) throw new Error(`${command} ${args.slice(0, 2).join(' ')} failed with exit code ${String(code)}.`);
  } finally {
    interrupted.removeEventListener('abort', end);
  }
}

function printTable(rows: readonly (readonly string[])[]): void {
  for (const row of rows) console.log(`| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
}

/** Rejects when the signal aborts, so that work that can't be cancelled is abandoned. */
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}

async function main(): Promise<void> {
  const { account: accountId, region } = optionsOf(process.argv.slice(2));
  const account = accountIn(region);
  const actual = await accountIdOf(account);
  if (actual !== accountId)
    throw new UsageError(`The credentials belong to account ${actual}, not ${accountId}. Nothing was deployed.`);

  const stackName = `latchkey-test-${randomBytes(4).toString('hex')}`;
  const createsLogRole = !(await hasLogRole(account));
  console.log(`Deploys the stack ${stackName} to account ${accountId}, ${region}, and deletes it afterwards.\n${COST}`);
  if (createsLogRole)
    console.log('API Gateway has no role for logs in this Region: the run sets one, and removes it afterwards.');

  const controller = new AbortController();
  const interrupt = (signal: NodeJS.Signals) => {
    console.log(`\n${signal}: deleting the stack ${stackName}. Please wait.`);
    controller.abort(new Error(`Interrupted by ${signal}.`));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, interrupt);
  const interrupted = abortOf(controller.signal);
  interrupted.catch(() => undefined);

  let outputs: Outputs = {};
  let failure: unknown;
  try {
    const app = ['--app', 'node test/system/aws/app.ts', '--output', `cdk.out/${stackName}`];
    const context = ['-c', `stackName=${stackName}`, '-c', `logRole=${createsLogRole ? 'create' : 'exists'}`];
    const deploy = ['deploy', stackName, '--require-approval', 'never', '--no-notices', ...app, ...context];
    await run('node_modules/.bin/cdk', deploy, controller.signal);
    outputs = await outputsOf(stackName, account.aws);

    process.env['LATCHKEY_TEST_STACK'] = stackName;
    const tests = run('node_modules/.bin/vitest', ['run', '--project', 'aws'], controller.signal);
    // The questions are asked even if tests failed.
    failure = await tests.then(
      () => undefined,
      (error: unknown) => error,
    );
    controller.signal.throwIfAborted();

    const figures = await Promise.race([measure(account, outputs), interrupted]);
    printTable([['Measurement', 'Seen'], ['---', '---'], ...figures.map(({ what, seen }) => [what, seen])]);
    const answers = await Promise.race([answersTo(openQuestions(account, outputs), account.isEmulated), interrupted]);
    printTable([
      ['Question', 'Expected', 'Seen'],
      ['---', '---', '---'],
      ...answers.map(({ question, expected, seen }) => [question, expected, seen]),
    ]);
  } catch (error) {
    failure = error;
  }

  try {
    await deleteStack(account, stackName);
    if (createsLogRole) await removeLogRole(account);
    const restApiIds = REST_URLS.flatMap((name) => outputs[name]?.match(/^https:\/\/(\w+)\./)?.[1] ?? []);
    await deleteExecutionLogs(account, restApiIds);
    console.log(`Deleted the stack ${stackName}, with its tables and logs.`);
  } catch (error) {
    console.error(`The stack ${stackName} in ${region} could not be deleted completely. Delete it yourself.`);
    throw error;
  }
  if (failure !== undefined) throw failure as Error;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  // Work that an interrupt abandoned must not keep the process alive.
  process.exit(
    error instanceof UsageError
      ? 2
      : error instanceof Error && error.message.includes('SIGINT')
        ? 128 + constants.signals.SIGINT
        : 1,
  );
});
