import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as { context?: unknown };
const WITHOUT_CDK = ['cloudformation', 'sam', 'serverless', 'terraform'];
const examples = readdirSync('examples', { withFileTypes: true }).filter(
  (entry) => entry.isDirectory() && !WITHOUT_CDK.includes(entry.name),
);

it.each(examples.map(({ name }) => name))('the example %s has the feature flags of a new CDK app', (name) => {
  const recommended = read('node_modules/aws-cdk-lib/recommended-feature-flags.json');
  expect(read(`examples/${name}/cdk.json`).context).toEqual(recommended);
});
