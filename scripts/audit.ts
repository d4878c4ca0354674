import { spawnSync } from 'node:child_process';

/**
 * Asks npm's registry for advisories about what the lockfile names. A finding of the severity that is given, or a
 * worse one, fails; a registry that has no such service, or does not answer, does not: then nothing is known, and
 * this says so.
 */
const [level = 'high'] = process.argv.slice(2);

interface Report {
  readonly metadata?: { readonly vulnerabilities: Readonly<Record<string, number>> };
  readonly message?: string;
}

const { stdout, status } = spawnSync('npm', ['audit', '--json', `--audit-level=${level}`], { encoding: 'utf8' });
const { metadata, message = 'no answer' } = JSON.parse(stdout || '{}') as Report;
if (metadata === undefined) {
  console.warn(`Advisories could not be asked for (${message}): nothing is known of them.`);
} else {
  console.log(`Advisories: ${JSON.stringify(metadata.vulnerabilities)}`);
  if (status !== 0) {
    console.error(`At least one is ${level} or worse; \`npm audit\` says which.`);
    process.exitCode = 1;
  }
}
