import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { javaApp, pythonApp, typeScriptApp, type App } from './apps.ts';
import { partsOf } from './templates.ts';

const STACKS = ['LatchkeyOrdersExample', 'LatchkeyOperationsExample'];

let work: string;
let assemblies: Readonly<Record<'typescript' | 'python' | 'java', string>>;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'latchkey-jsii-'));
  const synth = async (language: string, create: (work: string) => Promise<App>) => {
    const started = performance.now();
    const app = await create(work);
    const output = join(work, `${language}.out`);
    await app.cdk(['synth', '--quiet', '--output', output]);
    console.log(`${language}: ${((performance.now() - started) / 1000).toFixed(1)} s`);
    return output;
  };
  // One after the other, because each starts two processes.
  assemblies = {
    typescript: await synth('typescript', typeScriptApp),
    python: await synth('python', pythonApp),
    java: await synth('java', javaApp),
  };
});
afterAll(async () => {
  await rm(work, { recursive: true, force: true });
});

describe.each(['python', 'java'] as const)('the app in %s', (language) => {
  it.each(STACKS)('synthesizes the same template of %s as the app in TypeScript', async (stack) => {
    const expected = await partsOf(assemblies.typescript, stack);
    const actual = await partsOf(assemblies[language], stack);
    expect(Object.keys(actual).toSorted()).toEqual(Object.keys(expected).toSorted());
    for (const [part, value] of Object.entries(expected)) expect(actual[part], part).toEqual(value);
    expect(Object.keys(expected).length).toBeGreaterThan(50);
  });
});
