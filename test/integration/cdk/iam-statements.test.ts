import { Template } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { LatchkeyStack } from '../../../cdk/latchkey-stack.ts';
import { resourcesOf, testApp, type Resource } from '../../support/cdk/synth.ts';

/** The properties of each resource type that grant permissions. */
const GRANTS: Readonly<Record<string, readonly string[]>> = {
  'AWS::IAM::Role': ['AssumeRolePolicyDocument', 'ManagedPolicyArns', 'Policies', 'PermissionsBoundary'],
  'AWS::IAM::Policy': ['PolicyDocument', 'Roles'],
  'AWS::IAM::ManagedPolicy': ['PolicyDocument', 'Roles', 'Users', 'Groups'],
  'AWS::Lambda::Permission': ['Action', 'FunctionName', 'Principal', 'SourceArn', 'SourceAccount'],
  'AWS::DynamoDB::GlobalTable': ['ResourcePolicy'],
  'AWS::ApiGateway::RestApi': ['Policy'],
};

const withoutHash = (text: string) => text.replaceAll(/\b([A-Za-z]+)[0-9A-F]{8}\b/g, '$1');

function grantsOf({ Type, Properties = {} }: Resource): object | undefined {
  const wanted = GRANTS[Type];
  if (wanted === undefined) return Type.startsWith('AWS::IAM::') ? Properties : undefined;
  const grants = wanted.filter((name) => name in Properties).map((name) => [name, Properties[name]]);
  return grants.length === 0 ? undefined : (Object.fromEntries(grants) as object);
}

// The file contains every permission of the stack. Review each change that `vitest -u` makes to it.
it('the stack grants exactly the permissions in iam-statements.json', async () => {
  const resources = Object.entries(resourcesOf(Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey'))));
  const grants = resources.flatMap(([id, resource]) => {
    const found = grantsOf(resource);
    return found === undefined ? [] : [[`${resource.Type} ${withoutHash(id)}`, found] as const];
  });
  expect(new Set(grants.map(([name]) => name)).size).toBe(grants.length);
  const text = JSON.stringify(Object.fromEntries(grants.toSorted(([a], [b]) => a.localeCompare(b))), null, 2);
  await expect(`${withoutHash(text)}\n`).toMatchFileSnapshot('iam-statements.json');
});
