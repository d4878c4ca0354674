import { Stack, Validations, type App } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { AwsSolutionsChecks } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AdminApi } from '../../../cdk/admin-api.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { LatchkeyStack } from '../../../cdk/latchkey-stack.ts';
import { UsagePlans } from '../../../cdk/usage-plans.ts';
import { someFunction, testApp } from '../../support/cdk/synth.ts';

function nag(fill: (app: App) => void): () => void {
  const app = testApp();
  fill(app);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return () => app.synth();
}

describe('cdk-nag', () => {
  it('finds what there is to find', () => {
    expect(nag((app) => someFunction(new Stack(app, 'Careless')))).toThrow(/AwsSolutions-IAM4/);
  });

  it('finds nothing in the deployable stack, with all that it can have', () => {
    expect(nag((app) => new LatchkeyStack(app, 'Latchkey', { monitoring: true }))).not.toThrow();
  });

  it('finds nothing in somebody’s stack with a table of its own, the admin API and tracing', () => {
    const fill = (app: App) => {
      const stack = new Stack(app, 'Consumer');
      new AdminApi(stack, 'Admin', { keys: new ApiKeys(stack, 'Keys', { tracing: true }) });
    };
    expect(nag(fill)).not.toThrow();
  });

  it('finds nothing in several kinds of key, with attributes and owners that can be suspended', () => {
    const fill = (app: App) => {
      const stack = new Stack(app, 'Consumer');
      const attributes = z.object({ tenant: z.string() });
      const { table } = new ApiKeys(stack, 'Keys', { attributes, ownerSuspension: true });
      new ApiKeys(stack, 'PartnerKeys', { label: 'partner', table, ownerSuspension: true });
    };
    expect(nag(fill)).not.toThrow();
  });

  it('finds nothing in usage plans', () => {
    const fill = (app: App) => {
      const stack = new Stack(app, 'Consumer');
      const keys = new ApiKeys(stack, 'Keys', { plans: { free: { rate: '1/s' } }, usagePlans: true });
      new UsagePlans(stack, 'UsagePlans', { keys, stages: [] });
    };
    expect(nag(fill)).not.toThrow();
  });

  it('finds nothing in somebody’s stack with a table from elsewhere', () => {
    const fill = (app: App) => {
      const stack = new Stack(app, 'Consumer');
      new ApiKeys(stack, 'Keys', { table: Table.fromTableName(stack, 'Shared', 'shared-keys') });
    };
    expect(nag(fill)).not.toThrow();
  });
});
