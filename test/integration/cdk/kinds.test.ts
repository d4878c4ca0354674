import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ApiKeysProps } from '../../../cdk/api-keys-props.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { KeysTable } from '../../../cdk/keys-table.ts';
import { resourcesOf, stackWithKeys, testApp } from '../../support/cdk/synth.ts';

/** Returns the settings of the function whose logical ID has this prefix. */
function settingsOf(template: Template, idStart: string): Record<string, unknown> {
  const [found] = Object.entries(resourcesOf(template)).filter(
    ([id, { Type }]) => Type === 'AWS::Lambda::Function' && id.startsWith(idStart),
  );
  const { Variables } = found?.[1].Properties?.['Environment'] as { Variables: Record<string, string> };
  return JSON.parse(Variables['LATCHKEY_SETTINGS'] ?? '') as Record<string, unknown>;
}

describe('several kinds of key', () => {
  it('several kinds of key share a table, each under its label', () => {
    const stack = new Stack(testApp(), 'Consumer');
    const keys = new ApiKeys(stack, 'Keys', { label: 'acme' });
    new ApiKeys(stack, 'PartnerKeys', { label: 'partner', table: keys.table });
    const template = Template.fromStack(stack);
    expect(
      Object.values(resourcesOf(template)).filter(({ Type }) => Type === 'AWS::DynamoDB::GlobalTable'),
    ).toHaveLength(1);
    expect(settingsOf(template, 'KeysAuthorizer')['label']).toBe('acme');
    expect(settingsOf(template, 'PartnerKeysAuthorizer')['label']).toBe('partner');
  });

  it.each([
    ['a table of the app', (stack: Stack) => new KeysTable(stack, 'Table')],
    ['a table from elsewhere', (stack: Stack, id: string) => Table.fromTableName(stack, id, 'shared')],
  ])('several kinds of key cannot have the same label in %s', (_what, tableFor) => {
    const stack = new Stack(testApp(), 'Consumer');
    const table = tableFor(stack, 'One');
    const other = table instanceof KeysTable ? table : tableFor(stack, 'Other');
    new ApiKeys(stack, 'Keys', { table });
    expect(() => new ApiKeys(stack, 'OtherKeys', { table: other })).toThrow(
      'Consumer/Keys uses the label "lk" for the same table. Give each ApiKeys of a table a different label.',
    );
    new ApiKeys(stack, 'PartnerKeys', { label: 'partner', table: other });
    // Another table, or read-only keys of the same kind, can have the same label.
    new ApiKeys(stack, 'Apart');
    new ApiKeys(stack, 'Reader', { table, readOnly: true });
  });
});

describe('attributes', () => {
  const attributes = z.object({ tenant: z.string(), plan: z.enum(['free', 'pro']).default('free') });

  it('attributes are validated by the functions that write keys, and passed on by the authorizer', () => {
    const template = stackWithKeys({ attributes, contextMetadata: ['colour', 'plan'] });
    const json = {
      type: 'object',
      properties: { tenant: { type: 'string' }, plan: { type: 'string', enum: ['free', 'pro'], default: 'free' } },
      required: ['tenant'],
      additionalProperties: false,
    };
    for (const name of ['Create', 'Update', 'Import', 'Settings'])
      expect(settingsOf(template, `Keys${name}Function`)['attributes'], name).toEqual(json);
    const authorizer = settingsOf(template, 'KeysAuthorizer');
    expect(authorizer['contextMetadata']).toEqual(['tenant', 'plan', 'colour']);
    expect(authorizer).not.toHaveProperty('attributes');
  });

  it('attributes fail the synthesis if JSON Schema cannot express them', () => {
    const props: ApiKeysProps = { attributes: z.object({ tenant: z.string().refine(Boolean) }) };
    expect(() => stackWithKeys(props)).toThrow('attributes.tenant has a refinement');
  });
});

describe('owner suspension', () => {
  it('owner suspension is a setting of the authorizer and the management functions', () => {
    for (const ownerSuspension of [true, false]) {
      const template = stackWithKeys({ ownerSuspension });
      for (const name of ['Authorizer', 'VerifyFunction', ...(ownerSuspension ? ['SuspendFunction'] : [])])
        expect(settingsOf(template, `Keys${name}`)['ownerSuspension']).toBe(ownerSuspension);
    }
  });
});
