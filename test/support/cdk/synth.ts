import { readFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { expect } from 'vitest';
import type { ApiKeysProps } from '../../../cdk/api-keys-props.ts';
import { ApiKeys } from '../../../cdk/api-keys.ts';

const { context } = JSON.parse(readFileSync(new URL('../../../cdk.json', import.meta.url), 'utf8')) as {
  context: Record<string, unknown>;
};

/** What takes most of the time of a synthesis, and doesn't affect the template. */
const WITHOUT = {
  'aws:cdk:bundling-stacks': [],
  'aws:cdk:disable-asset-staging': true,
  'aws:cdk:disable-stack-trace': true,
};

/** Returns an app with the feature flags of cdk.json. */
export function testApp(): App {
  return new App({ context: { ...context, ...WITHOUT }, analyticsReporting: false, treeMetadata: false });
}

/** Returns the template of a stack with `ApiKeys` and what a test adds. */
export function stackWithKeys(props: ApiKeysProps = {}, add: (stack: Stack, keys: ApiKeys) => void = () => undefined) {
  const stack = new Stack(testApp(), 'Consumer');
  add(stack, new ApiKeys(stack, 'Keys', props));
  return Template.fromStack(stack);
}

/** Creates a function of the app. */
export function someFunction(stack: Stack, id = 'Handler'): Function {
  return new Function(stack, id, {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('exports.handler = async () => ({ statusCode: 200 });'),
  });
}

export interface Resource {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

/** Returns the resources of a template by their logical IDs. */
export function resourcesOf(template: Template): Record<string, Resource> {
  return (template.toJSON() as { Resources: Record<string, Resource> }).Resources;
}

/** Returns the properties of the only resource of a type whose logical ID has this prefix. */
export function only(template: Template, type: string, idStart = ''): Record<string, unknown> {
  const found = Object.entries(resourcesOf(template)).filter(
    ([id, one]) => one.Type === type && id.startsWith(idStart),
  );
  const [entry, another] = found;
  if (entry === undefined || another !== undefined)
    throw new Error(`${String(found.length)} resources of type ${type} begin with "${idStart}"`);
  return entry[1].Properties ?? {};
}

/** Matches the logical ID of a construct path with any hash. */
export function idOf(path: string): unknown {
  return expect.stringMatching(new RegExp(`^${path}[0-9A-F]{8}$`));
}
