import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Command } from 'commander';
import {
  AUTHORIZER_OUTPUT,
  functionOutput,
  KEY_OPERATIONS,
  requirementOf,
  TABLE_OUTPUT,
} from '../../src/management/operations.ts';
import { callerIdentity } from '../deployment/identity.ts';
import { localUrl, withDeployment, stackLocation, type DeploymentOptions } from '../deployment/options.ts';
import { clientConfig, findStack, type FoundStack, type StackLocation } from '../deployment/stack.ts';
import { checkCaches } from '../doctor/caches.ts';
import { checked, type Finding } from '../doctor/check.ts';
import { checkLocalServer } from '../doctor/local.ts';
import { checkTable } from '../doctor/table.ts';
import { EXIT } from '../errors.ts';
import { print, printJson } from '../output/screen.ts';
import { tableOf } from '../output/table.ts';
import { styled } from '../output/terminal-text.ts';
import { describedCommand } from './command.ts';

export function doctorCommand(): Command {
  return describedCommand('doctor', 'Check a deployment, and suggest fixes.', [
    'doctor',
    'doctor --stack Latchkey --region eu-west-1 --json',
  ]).action(async (options: DeploymentOptions & { readonly json?: true }) => {
    const url = localUrl(options);
    const findings =
      url === undefined
        ? await checkStack(stackLocation(options), options)
        : [await checkFunctions(options), ...(await checkLocalServer(url))];
    if (findings.some(({ status }) => status === 'fault')) process.exitCode = EXIT.refused;
    if (options.json === true) printJson({ findings });
    else report(findings);
  });
}

async function checkStack(location: StackLocation, options: DeploymentOptions): Promise<Finding[]> {
  const { checkSecrets } = await import('../doctor/secrets.ts');
  const { arn } = await callerIdentity(location);
  const stack = await findStack(location);
  const config = { ...clientConfig(location), region: stack.region };
  const table = stack.outputs.get(TABLE_OUTPUT);
  const authorizer = stack.outputs.get(AUTHORIZER_OUTPUT);
  const dynamodb = new DynamoDBClient(config);
  try {
    return [
      { check: 'Credentials', status: 'ok', found: arn },
      { check: 'Stack', ...checkStatus(location, stack) },
      { check: 'Outputs', ...checkOutputs(stack) },
      await checkFunctions(options),
      ...(table === undefined ? [] : await checkTable(dynamodb, table)),
      ...(table === undefined
        ? []
        : await withDeployment(options, (deployment) => checkSecrets(config, table, deployment))),
      ...(authorizer === undefined ? [] : [await checkCaches(config, authorizer)]),
    ];
  } finally {
    dynamodb.destroy();
  }
}

function checkStatus({ stack }: StackLocation, { status, region }: FoundStack): Omit<Finding, 'check'> {
  const found = `${stack} in ${region}: ${status}`;
  if (/^(?:CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return { status: 'ok', found };
  return { status: 'warning', found, advice: 'check the events of the stack, and deploy again' };
}

function checkOutputs({ outputs: present }: FoundStack): Omit<Finding, 'check'> {
  // Operations that need an optional part of a deployment have no function without it.
  const operations = KEY_OPERATIONS.filter((operation) => requirementOf(operation) === undefined);
  const wanted = [TABLE_OUTPUT, AUTHORIZER_OUTPUT, ...operations.map(functionOutput)];
  const missing = wanted.filter((name) => !present.has(name));
  if (missing.length === 0) return { status: 'ok', found: `all ${String(wanted.length)} outputs` };
  return {
    status: 'fault',
    found: `missing: ${missing.join(', ')}`,
    advice: 'deploy this version of Latchkey; in your own stack, call addOutputs() on ApiKeys',
  };
}

const INVOKE_CHECK = {
  permission: 'lambda:InvokeFunction on the management functions',
  advice: 'check the log of the function in CloudWatch, and deploy the stack again',
};

/** Checks that a function can be invoked, and can read the table. */
async function checkFunctions(options: DeploymentOptions): Promise<Finding> {
  return withDeployment(options, (deployment) =>
    checked('Functions', INVOKE_CHECK, async () => {
      await deployment.keys.list({ limit: 1 });
      return { status: 'ok', found: 'list-keys works' };
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
    const [color, mark] = MARKS[status];
    return [styled(color, mark), check, found];
  });
  print(tableOf([{ title: 'STATUS' }, { title: 'CHECK' }, { title: 'FOUND', shrinks: true }], rows));
  const advised = findings.filter(({ advice }) => advice !== undefined);
  if (advised.length > 0) print('');
  for (const { check, advice = '' } of advised) print(`${check}: ${advice}.`);
}
