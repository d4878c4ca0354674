import { Aspects, Stack, Validations, type App } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { AwsSolutionsChecks } from 'cdk-nag';
import { AwsSolutionsChecks as AwsSolutionsChecks2 } from 'cdk-nag-2';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { AdminApi } from '../../../cdk/admin-api.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';
import { KeyEvents } from '../../../cdk/key-events.ts';
import { LatchkeyStack } from '../../../cdk/latchkey-stack.ts';
import { Usage } from '../../../cdk/usage.ts';
import { UsagePlans } from '../../../cdk/usage-plans.ts';
import { someFunction, testApp } from '../../support/cdk/synth.ts';

const findingsOf = {
  'cdk-nag 2, as an aspect': (app: App) => {
    Aspects.of(app).add(new AwsSolutionsChecks2());
    return reported(app);
  },
  'cdk-nag 3, as a plugin': (app: App) => {
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    return reported(app);
  },
};

/** Returns the errors of synthesis, or else its warnings. */
function reported(app: App): string {
  try {
    const messages = app.synth().stacks.flatMap((stack) => stack.messages);
    return messages.map(({ id, entry }) => `${id}: ${JSON.stringify(entry.data)}`).join('\n');
  } catch (error) {
    return String(error);
  }
}

describe.each(Object.entries(findingsOf))('%s', (_version, findingsIn) => {
  const findings = (fill: (app: App) => void) => {
    const app = testApp();
    fill(app);
    return findingsIn(app);
  };

  it('reports a role with a managed policy', () => {
    expect(findings((app) => someFunction(new Stack(app, 'Careless')))).toMatch(/AwsSolutions-IAM4/);
  });

  it.each<[string, (app: App) => void]>([
    [
      'the deployable stack with monitoring and the console',
      (app) => new LatchkeyStack(app, 'Latchkey', { monitoring: true, console: true }),
    ],
    [
      'a stack with the admin API, tracing, events, and usage',
      (app) => {
        const stack = new Stack(app, 'Consumer');
        const keys = new ApiKeys(stack, 'Keys', { tracing: true });
        new AdminApi(stack, 'Admin', { keys });
        new KeyEvents(stack, 'Events', { keys });
        new Usage(stack, 'Usage', { keys });
      },
    ],
    [
      'several kinds of key, with attributes and owners that can be suspended',
      (app) => {
        const stack = new Stack(app, 'Consumer');
        const attributes = z.object({ tenant: z.string() });
        const { table } = new ApiKeys(stack, 'Keys', { attributes, ownerSuspension: true });
        new ApiKeys(stack, 'PartnerKeys', { label: 'partner', table, ownerSuspension: true });
      },
    ],
    [
      'usage plans',
      (app) => {
        const stack = new Stack(app, 'Consumer');
        const keys = new ApiKeys(stack, 'Keys', { plans: { free: { rate: '1/s' } }, usagePlans: true });
        new UsagePlans(stack, 'UsagePlans', { keys, stages: [] });
      },
    ],
    [
      'a stack with an imported table',
      (app) => {
        const stack = new Stack(app, 'Consumer');
        new ApiKeys(stack, 'Keys', { table: Table.fromTableName(stack, 'Shared', 'shared-keys') });
      },
    ],
  ])('reports nothing about %s', (_what, fill) => {
    expect(findings(fill)).toBe('');
  });
});
