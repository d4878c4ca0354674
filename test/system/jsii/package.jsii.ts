import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const PACKAGE = 'dist/jsii';
/** The licenses that Construct Hub accepts: https://constructs.dev/faq. */
const HUB_LICENSES = ['Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT', 'MIT-0', 'MPL-2.0'];

interface Documented {
  readonly name: string;
  readonly optional?: boolean;
  readonly docs?: { readonly summary?: string; readonly default?: string };
}

interface AssemblyType extends Documented {
  readonly kind: 'class' | 'enum' | 'interface';
  readonly datatype?: boolean;
  readonly properties?: readonly Documented[];
  readonly methods?: readonly Documented[];
  readonly members?: readonly Documented[];
}

interface Assembly {
  readonly types: Readonly<Record<string, AssemblyType>>;
  readonly targets: Readonly<Record<string, object>>;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly author: { readonly name: string };
  readonly repository: { readonly url: string };
  readonly keywords: readonly string[];
  readonly dependencies?: object;
}

const manifest = JSON.parse(readFileSync(`${PACKAGE}/package.json`, 'utf8')) as Manifest;
const assembly = JSON.parse(readFileSync(`${PACKAGE}/.jsii`, 'utf8')) as Assembly;
const types = Object.values(assembly.types);

describe('the jsii package', () => {
  it('has everything that Construct Hub requires', () => {
    const tarball = `${PACKAGE}/packages/js/latchkey-cdk@${manifest.version}.jsii.tgz`;
    const files = execFileSync('tar', ['--list', '--file', tarball], { encoding: 'utf8' }).split('\n');
    expect(files).toEqual(
      expect.arrayContaining(['package/.jsii', 'package/.jsii.tabl.json', 'package/README.md', 'package/LICENSE']),
    );
    expect(manifest.keywords).toContain('awscdk');
    expect(HUB_LICENSES).toContain(manifest.license);
    expect(manifest.author.name).not.toBe('');
    expect(manifest.repository.url).toMatch(/^git\+https:\/\/github\.com\//);
    expect(Object.keys(assembly.targets)).toEqual(expect.arrayContaining(['js', 'python', 'java']));
  });

  it('has no dependencies except for the CDK', () => {
    expect(manifest.dependencies ?? {}).toEqual({});
  });

  it('has the API.md of the repository', () => {
    const current = readFileSync(`${PACKAGE}/API.md`, 'utf8') === readFileSync('jsii/API.md', 'utf8');
    expect(current, 'jsii/API.md is not current. Run "cp dist/jsii/API.md jsii/API.md".').toBe(true);
  });

  it('documents every type and member', () => {
    const undocumented = types.flatMap((type) => [
      ...(type.docs?.summary === undefined ? [type.name] : []),
      ...[...(type.properties ?? []), ...(type.methods ?? []), ...(type.members ?? [])]
        .filter(({ docs }) => docs?.summary === undefined)
        .map(({ name }) => `${type.name}.${name}`),
    ]);
    expect(undocumented).toEqual([]);
    expect(types.length).toBeGreaterThan(30);
  });

  it('documents the default of every optional prop', () => {
    const props = types.filter(({ name, datatype }) => datatype === true && /(?:Props|Options|Attributes)$/.test(name));
    const without = props.flatMap(({ name, properties = [] }) =>
      properties
        .filter(({ optional, docs }) => optional === true && docs?.default === undefined)
        .map((prop) => `${name}.${prop.name}`),
    );
    expect(without).toEqual([]);
  });
});
