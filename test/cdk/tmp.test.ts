import { Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AwsSolutionsChecks } from 'cdk-nag';
import { it } from 'vitest';
import { writeFileSync } from 'node:fs';
import { LatchkeyStack } from '../../cdk/latchkey-stack.ts';
import { testApp } from './synth.ts';
it('x', () => {
  writeFileSync('/tmp/console-template.json', JSON.stringify(Template.fromStack(new LatchkeyStack(testApp(), 'Latchkey', { console: true })).toJSON(), null, 1));
  const app = testApp();
  new LatchkeyStack(app, 'Latchkey', { console: true });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  app.synth();
});
