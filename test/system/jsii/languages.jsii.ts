import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goApp, javaApp, javaCdkVersion, projectCdkVersion, pythonApp, typeScriptApp, type App } from './apps.ts';
import { partsOf } from './templates.ts';

const STACKS = ['LatchkeyOrdersExample', 'LatchkeyOperationsExample'];

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'latchkey-jsii-'));
});
afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

/** Synthesizes an app. Returns the folder of the cloud assembly. */
async function synth(name: string, create: (work: string) => Promise<App>): Promise<string> {
  const started = performance.now();
  const folder = join(work, name);
  await mkdir(folder);
  const app = await create(folder);
  const output = join(folder, 'cdk.out');
  await app.cdk(['synth', '--quiet', '--output', output]);
  console.log(`${name}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return output;
}

/** The app in TypeScript, by the version of aws-cdk-lib. */
const inTypeScript = new Map<string, Promise<string>>();
function synthInTypeScript(version: string): Promise<string> {
  const assembly =
    inTypeScript.get(version) ?? synth(`typescript-${version}`, (folder) => typeScriptApp(folder, version));
  inTypeScript.set(version, assembly);
  return assembly;
}

describe.each([
  ['python', pythonApp, javaCdkVersion],
  ['java', javaApp, javaCdkVersion],
  ['go', goApp, projectCdkVersion],
] as const)('the app in %s', (language, create, cdkVersion) => {
  let expected: string;
  let actual: string;
  beforeAll(async () => {
    expected = await synthInTypeScript(await cdkVersion());
    actual = await synth(language, create);
  });

  it.each(STACKS)('synthesizes the same template of %s as the app in TypeScript', async (stack) => {
    const expectedParts = await partsOf(expected, stack);
    const actualParts = await partsOf(actual, stack);
    expect(Object.keys(actualParts).toSorted()).toEqual(Object.keys(expectedParts).toSorted());
    for (const [part, value] of Object.entries(expectedParts)) expect(actualParts[part], part).toEqual(value);
    expect(Object.keys(expectedParts).length).toBeGreaterThan(50);
  });
});
