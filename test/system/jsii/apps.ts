import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { cdk } from '../deploy/cdk.ts';
import type { EmulatedAccount } from '../deploy/ministack.ts';
import { pythonTools } from '../deploy/python.ts';

const run = promisify(execFile);

const PACKAGES = resolve('dist/jsii/packages');
const CACHE = resolve('node_modules/.cache/latchkey');
const REQUIREMENTS = 'test/system/jsii/requirements.txt';

/** A copy of an example, with the built packages in place of published ones. */
export interface App {
  /** Runs a command of the CDK. @default without an account */
  cdk(args: readonly string[], account?: EmulatedAccount): Promise<string>;
}

/** Copies an example, and the handler that all of them share, to a folder below `work`. */
async function copied(work: string, language: string): Promise<string> {
  await cp(resolve('examples', language), join(work, language), { recursive: true });
  await cp(resolve('examples/python/api'), join(work, 'python/api'), { recursive: true });
  return join(work, language);
}

function appIn(folder: string, environment: NodeJS.ProcessEnv = {}): App {
  return { cdk: (args, account = { environment: {} } as EmulatedAccount) => cdk(account, args, folder, environment) };
}

/** The Python example. Its packages are pinned; Latchkey is the built wheel. */
export async function pythonApp(work: string): Promise<App> {
  const folder = await copied(work, 'python');
  const { bin } = await pythonTools(REQUIREMENTS);
  const wheel = join(PACKAGES, 'python', `latchkey_cdk-${(await manifest()).version}-py3-none-any.whl`);
  const site = join(work, 'site-packages');
  await run(join(bin, 'python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--no-deps',
    '--no-index',
    '--target',
    site,
    wheel,
  ]);
  return appIn(folder, { PATH: `${bin}:${String(process.env['PATH'])}`, PYTHONPATH: site });
}

/** The Java example. Maven gets Latchkey from the built repository, and other packages from Maven Central. */
export async function javaApp(work: string): Promise<App> {
  const folder = await copied(work, 'java');
  const repository = join(CACHE, 'maven');
  // The copy of an earlier build.
  await rm(join(repository, 'io/github/latchkey'), { recursive: true, force: true });
  const url = `<url>file://${PACKAGES}/java</url>`;
  const profile = `<profile><id>built</id><repositories><repository><id>built</id>${url}</repository></repositories></profile>`;
  const active = '<activeProfiles><activeProfile>built</activeProfile></activeProfiles>';
  const settings = join(work, 'settings.xml');
  await writeFile(settings, `<settings><profiles>${profile}</profiles>${active}</settings>`);
  await mkdir(join(folder, '.mvn'));
  await writeFile(
    join(folder, '.mvn/maven.config'),
    ['--global-settings', settings, `-Dmaven.repo.local=${repository}`, ''].join('\n'),
  );
  return appIn(folder);
}

/** The Go example, with the built module. */
export async function goApp(work: string): Promise<App> {
  const folder = await copied(work, 'go');
  const built = `github.com/latchkey/latchkey-cdk-go/latchkeycdk=${PACKAGES}/go/latchkeycdk`;
  await run('go', ['mod', 'edit', `-replace=${built}`], { cwd: folder });
  await run('go', ['mod', 'tidy'], { cwd: folder });
  return appIn(folder);
}

/** Returns the version of aws-cdk-lib of the Java example. Maven Central gets new versions later than npm. */
export async function javaCdkVersion(): Promise<string> {
  const pom = await readFile('examples/java/pom.xml', 'utf8');
  const [, version] = /<cdk\.version>(.+)<\/cdk\.version>/.exec(pom) ?? [];
  if (version === undefined) throw new Error('examples/java/pom.xml has no cdk.version');
  return version;
}

/** Returns the version of this project's aws-cdk-lib, with which the Go module is built. */
export async function projectCdkVersion(): Promise<string> {
  const { devDependencies } = await manifest();
  return String(devDependencies['aws-cdk-lib']);
}

/** The TypeScript example, with the package `latchkey` and a version of aws-cdk-lib. */
export async function typeScriptApp(work: string, cdkVersion: string): Promise<App> {
  const folder = await copied(work, 'typescript');
  const { devDependencies } = await manifest();
  const packages = [
    `aws-cdk-lib@${cdkVersion}`,
    ...['constructs', 'zod'].map((name) => `${name}@${String(devDependencies[name])}`),
  ];
  const installed = join(CACHE, `jsii-typescript-${packages.join('-')}`);
  if (!existsSync(join(installed, 'node_modules/aws-cdk-lib'))) {
    await mkdir(installed, { recursive: true });
    await writeFile(join(installed, 'package.json'), '{ "private": true }');
    const quickly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    await run('npm', ['install', ...quickly, ...packages], { cwd: installed });
  }
  await cp(join(installed, 'node_modules'), join(work, 'node_modules'), { recursive: true });
  const latchkey = join(work, 'node_modules/latchkey');
  for (const path of ['package.json', 'dist/package', 'dist/functions', 'dist/console'])
    await cp(path, join(latchkey, path), { recursive: true });
  return appIn(folder);
}

async function manifest(): Promise<{ readonly version: string; readonly devDependencies: Record<string, string> }> {
  return JSON.parse(await readFile('package.json', 'utf8')) as Awaited<ReturnType<typeof manifest>>;
}
