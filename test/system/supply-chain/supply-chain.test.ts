import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundledPackages, type BundledPackage } from '../../../scripts/bundled-packages.ts';

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}
interface Locked {
  readonly packages: Readonly<
    Record<string, { readonly hasInstallScript?: boolean; readonly dependencies?: object; readonly dev?: boolean }>
  >;
}
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
const lockfile = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Locked;

/** Permissive licenses, which require only attribution. */
const PERMISSIVE = ['0BSD', 'Apache-2.0', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0', 'Unlicense'];
const licenceOf = ({ manifest: { license } }: BundledPackage) => license;

let bundled: BundledPackage[];
beforeAll(async () => {
  bundled = await bundledPackages();
}, 180_000);

describe('what a consumer installs', () => {
  it('what a consumer installs is only this package, without dependencies', () => {
    for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies', 'bundledDependencies'])
      expect(manifest, field).not.toHaveProperty(field);
  });

  it('includes a CLI that runs without other packages', () => {
    const folder = mkdtempSync(join(tmpdir(), 'latchkey-alone-'));
    cpSync('dist/cli', folder, { recursive: true });
    const said = (...args: string[]) =>
      execFileSync(process.execPath, ['index.mjs', ...args], { cwd: folder, encoding: 'utf8' });
    expect(said('--version').trim()).toBe(manifest['version']);
    expect(said('completion', 'bash')).toContain('_latchkey_completion');
  });

  it('what a consumer installs has no install scripts', () => {
    for (const script of ['preinstall', 'install', 'postinstall', 'prepublish', 'prepare', 'preprepare', 'postprepare'])
      expect(manifest.scripts, script).not.toHaveProperty(script);
  });

  it('what a consumer installs has no install scripts in its peer dependencies', () => {
    const seen = new Set<string>();
    const visit = (name: string, from: string) => {
      // Resolved like Node does: next to the importing package, then in the parent folders.
      const parts = from === '' ? [] : from.split('/node_modules/');
      const places = parts.map(
        (_, at) => `${parts.slice(0, parts.length - at).join('/node_modules/')}/node_modules/${name}`,
      );
      const place = [...places, `node_modules/${name}`].find((one) => one in lockfile.packages);
      if (place === undefined || seen.has(place)) return;
      seen.add(place);
      expect(lockfile.packages[place]?.hasInstallScript ?? false, place).toBe(false);
      for (const next of Object.keys(lockfile.packages[place]?.dependencies ?? {})) visit(next, place);
    };
    for (const name of Object.keys(manifest.peerDependencies)) visit(name, '');
    expect(seen.size).toBeGreaterThan(Object.keys(manifest.peerDependencies).length);
  });
});

describe('third-party code in the published package', () => {
  it('comes only from the packages that docs/dependencies.md explains', () => {
    const listed = [...readFileSync('docs/dependencies.md', 'utf8').matchAll(/^\| `([^`]+)` +\| [^|]{20,}\|/gm)].map(
      ([, name]) => name,
    );
    expect(listed).toEqual([...new Set(bundled.filter(({ direct }) => direct).map(({ name }) => name))]);
  });

  it('third-party code in the published package has exact versions', () => {
    for (const { name, direct } of bundled)
      if (direct) expect(manifest.devDependencies[name], name).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('third-party code in the published package has permissive licenses, all of which docs/dependencies.md names', () => {
    const licences = [...new Set(bundled.map(licenceOf))].toSorted();
    for (const licence of licences) expect(PERMISSIVE).toContain(licence);
    const [said = ''] =
      /^- \*\*Licenses:\*\* .*?, all permissive\./m.exec(readFileSync('docs/dependencies.md', 'utf8')) ?? [];
    expect([...said.matchAll(/`([^`]+)`/g)].map(([, name]) => name)).toEqual(licences);
  });

  it('third-party code in the published package is searched in every published file', () => {
    const places = new Set(bundled.flatMap((one) => one.in));
    const functions = globSync('dist/functions/*').map((folder) => `functions/${basename(folder)}`);
    const expected = [...functions.filter((name) => name !== 'functions/echo'), 'cli/latchkey', 'console'];
    // The other subpaths contain no code of other packages.
    const subpaths = ['latchkey/authorizer', 'latchkey/client', 'latchkey/limits'];
    expect([...places].toSorted()).toEqual([...expected, ...subpaths].toSorted());
    for (const part of ['dist/cli', 'dist/console', 'dist/functions', 'dist/package'])
      expect(manifest['files']).toContain(part);
  });

  it('matches the report of the console build in the console', () => {
    const said = [...readFileSync('dist/console/licenses.md', 'utf8').matchAll(/^## (\S+) - (\S+) \((.+)\)$/gm)].map(
      ([, name, version, licence]) => ({ name, version, licence }),
    );
    const found = bundled
      .filter((one) => one.in.includes('console'))
      .map((one) => ({ name: one.name, version: one.version, licence: licenceOf(one) }));
    const byName = (one: { name: string | undefined }, other: { name: string | undefined }) =>
      String(one.name).localeCompare(String(other.name));
    expect(found.toSorted(byName)).toEqual(said.toSorted(byName));
    expect(found.map(({ name }) => name)).toContain('react');
  });

  it('third-party code in the published package is only the DynamoDB client in the authorizer', () => {
    const inAuthorizer = bundled.filter((one) => one.direct && one.in.includes('functions/authorizer'));
    for (const { name } of inAuthorizer) expect(name).toMatch(/^@(?:aws-sdk|smithy)\//);
  });
});

describe('the bill of materials', () => {
  it(
    'the bill of materials is valid CycloneDX, and lists each package once, with the files that contain it',
    { timeout: 180_000 },
    async () => {
      const said = execFileSync(process.execPath, ['scripts/sbom.ts'], { encoding: 'utf8' });
      expect(said).toContain(`${String(bundled.length)} packages`);
      const text = readFileSync('dist/sbom.cdx.json', 'utf8');
      expect(await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text)).toBeNull();
      const { metadata, components } = JSON.parse(text) as {
        metadata: { component: { name: string; version: string } };
        components: { purl: string; properties: { value: string }[] }[];
      };
      expect(metadata.component).toMatchObject({ name: 'latchkey', version: manifest['version'] });
      const purl = ({ name, version }: BundledPackage) => `pkg:npm/${name.replace('@', '%40')}@${version}`;
      expect(new Set(components.map((one) => one.purl))).toEqual(new Set(bundled.map(purl)));
      for (const { properties } of components) expect(properties.length).toBeGreaterThan(0);
    },
  );

  it('the bill of materials is part of the package and created with it', () => {
    expect(manifest['files']).toContain('dist/sbom.cdx.json');
    expect(manifest.scripts['prepack']).toContain('npm run sbom');
  });
});

describe('the lockfile', () => {
  it('the lockfile is audited in CI', () => {
    expect(readFileSync('.ci/run', 'utf8')).toMatch(/^npm run audit$/m);
  });
});
