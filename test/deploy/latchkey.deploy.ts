import { join, resolve } from 'node:path';
import { CloudFormationClient, paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { output, outputsOf, placeOfStack, type Outputs } from '../acceptance/stack.ts';
import { acceptance } from '../acceptance/suite.ts';
import { cdk } from './cdk.ts';
import { cfnLint } from './cfn-lint.ts';
import { emulatedAccount } from './ministack.ts';

const STACK = 'Latchkey';
const account = emulatedAccount(inject('ministack'));
const cloudFormation = new CloudFormationClient(account.aws);
const dynamodb = new DynamoDBClient(account.aws);

/** What was deployed last. */
const ASSEMBLY = resolve('cdk.out/deploy-test');

const deploy = () => cdk(account, ['deploy', STACK, '--require-approval', 'never', '--output', ASSEMBLY]);

/** Names of the resources that a stack has now, with their types. */
async function resources(): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for await (const page of paginateListStackResources({ client: cloudFormation }, { StackName: STACK })) {
    for (const { LogicalResourceId = '', ResourceType = '' } of page.StackResourceSummaries ?? [])
      found.set(LogicalResourceId, ResourceType);
  }
  return found;
}

describe('the stack that users deploy, in an emulated AWS account', () => {
  let outputs: Outputs;

  beforeAll(async () => {
    const started = performance.now();
    await deploy();
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    console.log(`cdk deploy ${STACK}: ${String((await resources()).size)} resources, ${seconds} s`);
    outputs = await outputsOf(STACK, account.aws);
  });
  afterAll(() => {
    cloudFormation.destroy();
    dynamodb.destroy();
  });

  it('has a template that cfn-lint passes', async () => {
    await cfnLint([join(ASSEMBLY, `${STACK}.template.json`)]);
  });

  describe('acceptance', () => {
    // MiniStack has no FlushStageAuthorizersCache. The local server has, and AWS.
    acceptance(() => placeOfStack(outputs, { ...account, flushesCaches: false }));
  });

  describe('afterwards', () => {
    it('a second deploy changes nothing', async () => {
      const before = await resources();
      expect(await deploy()).toContain(`${STACK} (no changes)`);
      expect(await resources()).toEqual(before);
    });

    it('cdk destroy takes everything but the table, with the keys in it', async () => {
      const table = output(outputs, 'TableName');
      const { Table: before } = await dynamodb.send(new DescribeTableCommand({ TableName: table }));
      expect(before?.ItemCount).toBeGreaterThan(0);

      await cdk(account, ['destroy', STACK, '--force', '--app', ASSEMBLY]);

      await expect(outputsOf(STACK, account.aws)).rejects.toThrow('does not exist');
      const { Table: after } = await dynamodb.send(new DescribeTableCommand({ TableName: table }));
      // Its deletion protection is not looked at: MiniStack does not know it for this type. The template's test does.
      expect(after).toMatchObject({ TableStatus: 'ACTIVE', ItemCount: before?.ItemCount });
    });
  });
});
