import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { Command } from 'commander';
import { AUTHORIZER_OUTPUT, functionOutput, KEY_OPERATIONS, TABLE_OUTPUT } from '../../src/management/operations.ts';
import { awsProblem } from '../deployment/aws-problem.ts';
import { localUrl, onDeployment, stackLocation, type DeploymentOptions } from '../deployment/options.ts';
import { clientConfig, findStack, type FoundStack, type StackLocation } from '../deployment/stack.ts';
import { checkCaches } from '../doctor/caches.ts';
import { checked, type Finding } from '../doctor/check.ts';
import { checkTable } from '../doctor/table.ts';
import { EXIT } from '../errors.ts';
import { print, printJson } from '../output/screen.ts';
import { tableOf } from '../output/table.ts';
import { styled } from '../output/terminal-text.ts';
import { deploymentCommand } from './command.ts';

export function doctorCommand(): Command {
  return deploymentCommand('doctor', 'Check that a deployment is as it should be, and say what to do.', [
    'doctor',
    'doctor --stack Latchkey --region eu-west-1 --json',
  ]).action(async (options: DeploymentOptions & { readonly json?: true }) => {
    const findings =
      localUrl(options) === undefined ? await examine(stackLocation(options), options) : [await answers(options)];
    if (findings.some(({ status }) => status === 'fault')) process.exitCode = EXIT.refused;
    if (options.json === true) printJson({ findings });
    else report(findings);
  });
}

async function examine(location: StackLocation, options: DeploymentOptions): Promise<Finding[]> {
  const caller = await callerArn(location);
  const stack = await findStack(location);
  const config = { ...clientConfig(location), region: stack.region };
  const table = stack.outputs.get(TABLE_OUTPUT);
  const authorizer = stack.outputs.get(AUTHORIZER_OUTPUT);
  const dynamodb = new DynamoDBClient(config);
  try {
    return [
      { check: 'Credentials', status: 'ok', found: caller },
      { check: 'Stack', ...stackState(location, stack) },
      { check: 'Outputs', ...outputs(stack) },
      await answers(options),
      ...(table === undefined ? [] : await checkTable(dynamodb, table)),
      ...(authorizer === undefined ? [] : [await checkCaches(config, authorizer)]),
    ];
  } finally {
    dynamodb.destroy();
  }
}

async function callerArn(location: StackLocation): Promise<string> {
  const client = new STSClient(clientConfig(location));
  try {
    const { Arn = 'unknown' } = await client.send(new GetCallerIdentityCommand());
    return Arn;
  } catch (error) {
    throw awsProblem(error, 'ask AWS who you are');
  } finally {
    client.destroy();
  }
}

function stackState({ stack }: StackLocation, { status, region }: FoundStack): Omit<Finding, 'check'> {
  const found = `${stack} in ${region}: ${status}`;
  if (/^(?:CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return { status: 'ok', found };
  return { status: 'warning', found, advice: 'look at the stack’s events, and deploy again' };
}

function outputs({ outputs: present }: FoundStack): Omit<Finding, 'check'> {
  const wanted = [TABLE_OUTPUT, AUTHORIZER_OUTPUT, ...KEY_OPERATIONS.map(functionOutput)];
  const missing = wanted.filter((name) => !present.has(name));
  if (missing.length === 0) return { status: 'ok', found: `all ${String(wanted.length)}` };
  return {
    status: 'fault',
    found: `missing: ${missing.join(', ')}`,
    advice: 'deploy this version of Latchkey; in a stack of your own call addOutputs() on its ApiKeys',
  };
}

const INVOKING = {
  permission: 'lambda:InvokeFunction on the management functions',
  advice: 'look at the log of the function in CloudWatch, and deploy the stack again',
};

/** Whether a function can be called, and can read the table. */
async function answers(options: DeploymentOptions): Promise<Finding> {
  return onDeployment(options, (deployment) =>
    checked('Functions', INVOKING, async () => {
      await deployment.keys.list({ limit: 1 });
      return { status: 'ok', found: 'list answers' };
    }),
  );
}

const MARKS = {
  ok: ['green', '✓ ok'],
  warning: ['yellow', '! warning'],
  fault: ['red', '✗ fault'],
  unknown: ['dim', '? unknown'],
} as const;

function report(findings: readonly Finding[]): void {
  const rows = findings.map(({ check, status, found }) => {
    const [colour, mark] = MARKS[status];
    return [styled(colour, mark), check, found];
  });
  print(tableOf([{ title: '' }, { title: 'CHECK' }, { title: 'FOUND', shrinks: true }], rows));
  const advised = findings.filter(({ advice }) => advice !== undefined);
  if (advised.length > 0) print('');
  for (const { check, advice = '' } of advised) print(`${check}: ${advice}.`);
}
