import { spawnSync } from 'node:child_process';

/**
 * Checks the packages of the lockfile for security advisories in npm's registry. Fails if there is one of the given severity
 * or a higher one. If the registry provides no advisories, it prints a warning and passes.
 */
const [level = 'high'] = process.argv.slice(2);

interface Report {
  readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> };
  readonly message?: string;
}

const { stdout, status } = spawnSync('npm', ['audit', '--json', `--audit-level=${level}`], { encoding: 'utf8' });
const { metadata, message = 'no response' } = JSON.parse(stdout || '{}') as Report;
if (metadata === undefined) {
  console.warn(`Couldn't get advisories from the registry (${message}). No packages were checked.`);
} else {
  console.log(`Advisories: ${JSON.stringify(metadata.vulnerabilities)}`);
  if (status !== 0) {
    console.error(`At least one advisory has severity ${level} or higher. Run \`npm audit\` to list them.`);
    process.exitCode = 1;
  }
}
