import { readFileSync } from 'node:fs';

/** The packages that an app installs next to this one. jsii gets their types from them. */
export const PEERS = ['aws-cdk-lib', 'constructs'];

interface RootPackage {
  readonly version: string;
  readonly license: string;
  readonly author: string;
  readonly homepage: string;
  readonly repository: object;
  readonly bugs: object;
  readonly keywords: readonly string[];
  readonly engines: object;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

/** Returns the package.json of the jsii package. What both packages have in common comes from the package.json of this project. */
export function packageJson(): object {
  const { version, license, author, homepage, repository, bugs, keywords, engines, peerDependencies } = JSON.parse(
    readFileSync('package.json', 'utf8'),
  ) as RootPackage;
  return {
    name: 'latchkey-cdk',
    version,
    description: 'AWS CDK constructs for API keys on Amazon API Gateway, in your own AWS account',
    license,
    author: { name: author, organization: true },
    homepage,
    repository,
    bugs,
    keywords,
    engines,
    main: 'lib/index.js',
    types: 'lib/index.d.ts',
    stability: 'experimental',
    files: ['.jsii', '.jsii.tabl.json', 'lib/*.js', 'lib/*.d.ts', 'dist', 'API.md'],
    peerDependencies: Object.fromEntries(PEERS.map((name) => [name, peerDependencies[name]])),
    jsii: {
      outdir: 'packages',
      versionFormat: 'full',
      tsc: { outDir: 'lib', rootDir: 'lib' },
      targets: {
        python: { distName: 'latchkey-cdk', module: 'latchkey_cdk' },
        java: {
          package: 'io.github.latchkey.cdk',
          maven: { groupId: 'io.github.latchkey', artifactId: 'latchkey-cdk' },
        },
        go: { moduleName: 'github.com/latchkey/latchkey-cdk-go' },
      },
    },
  };
}
