import { execFile, execFileSync } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);

const EXAMPLE = 'examples/terraform';
const isInstalled = (() => {
  try {
    execFileSync('terraform', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('the Terraform example', () => {
  it('has valid types, arguments and references', async ({ skip }) => {
    skip(!isInstalled, 'Terraform is not installed.');
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-terraform-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await cp(EXAMPLE, folder, { recursive: true });
    const terraform = (...args: string[]) => run('terraform', args, { cwd: folder });
    // TF_CLI_ARGS_init=-plugin-dir=… uses a folder of providers instead of the registry.
    const installed = await terraform('init', '-backend=false', '-input=false', '-no-color').then(
      () => true,
      (error: unknown) => {
        if (/Failed to (?:query|install)|could not (?:connect|query)|no available releases/.test(String(error)))
          return false;
        throw error;
      },
    );
    skip(!installed, 'The AWS provider of Terraform is not available.');
    await terraform('fmt', '-check', '-diff');
    expect((await terraform('validate', '-no-color')).stdout).toContain('The configuration is valid');
  });

  it('uses parameters and outputs that the template has', () => {
    const template = JSON.parse(readFileSync('dist/template.json', 'utf8')) as { Parameters: object; Outputs: object };
    const text = readFileSync(join(EXAMPLE, 'main.tf'), 'utf8');
    const [, parameters = ''] = /parameters = \{([^}]*)\}/.exec(text) ?? [];
    const names = [...parameters.matchAll(/(\w+)\s+=/g)].map(([, name]) => name);
    expect(names).toEqual(['Label', 'RetentionDays']);
    expect(Object.keys(template.Parameters)).toEqual(expect.arrayContaining(names));
    const outputs = [...text.matchAll(/outputs\["(\w+)"\]/g)].map(([, name]) => name);
    expect(outputs).toContain('AuthorizerFunctionArn');
    expect(Object.keys(template.Outputs)).toEqual(expect.arrayContaining(outputs));
  });
});

it('the Serverless example uses an output that the template has', () => {
  const template = JSON.parse(readFileSync('dist/template.json', 'utf8')) as { Outputs: object };
  const [, output] = /\$\{cf:Latchkey\.(\w+)\}/.exec(readFileSync('examples/serverless/serverless.yml', 'utf8')) ?? [];
  expect(Object.keys(template.Outputs)).toContain(output);
});
