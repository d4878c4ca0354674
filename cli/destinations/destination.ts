import { Option, type Command } from 'commander';
import type { IssuedKey } from '../../src/management/operations/issue-key.ts';
import { CommandError, refusal } from '../errors.ts';
import { stackLocation, type DeploymentOptions } from '../deployment/options.ts';
import { clientConfig } from '../deployment/stack.ts';
import { keyDetails } from '../output/key.ts';
import { note, printJson } from '../output/screen.ts';
import { styledNote } from '../output/terminal-text.ts';

/** The options that store a key elsewhere, so that it is never shown. */
export interface DestinationOptions extends DeploymentOptions {
  readonly toSecret?: string;
  readonly toParameter?: string;
  readonly toGithub?: string;
  readonly githubApi?: string;
  readonly json?: true;
}

/** A key that was issued, with its text. */
interface StorableKey {
  readonly key: string;
  readonly keyId: string;
  readonly expiresAt: string | null;
}

/** A place where a key is stored. */
export interface Destination {
  /** What it is, for messages, such as `the secret "checkout"`. */
  readonly where: string;
  /**
   * Makes sure that the key can be stored, before it is issued.
   *
   * @param replaces the prefix of the key that the new one replaces. @default the key replaces none
   * @throws {CommandError} if the place holds something else, or can't be used
   */
  reserve(replaces: string | undefined): Promise<void>;
  /** Stores the key. Errors of AWS can quote it, so only a {@link CommandError} may be shown. */
  store(key: StorableKey): Promise<void>;
  /** Undoes {@link reserve}: no key was issued. */
  release(): Promise<void>;
  close(): void;
}

/** Adds the options to a command that issues a key. */
export function withDestinations(command: Command): Command {
  return command
    .addOption(
      new Option('--to-secret <name>', 'store the key in AWS Secrets Manager, instead of showing it').conflicts([
        'out',
        'toParameter',
        'toGithub',
      ]),
    )
    .addOption(
      new Option(
        '--to-parameter <name>',
        'store the key as a SecureString in AWS Systems Manager Parameter Store, instead of showing it',
      ).conflicts(['out', 'toGithub']),
    )
    .addOption(
      new Option(
        '--to-github <owner/repo:name>',
        'store the key as a secret of GitHub Actions, instead of showing it; uses GH_TOKEN or GITHUB_TOKEN',
      ).conflicts('out'),
    )
    .option('--github-api <url>', 'REST API of GitHub Enterprise (default: GITHUB_API_URL, or that of github.com)');
}

/** Returns where the key goes, or `undefined` if it is shown or written to a file. */
export async function destinationOf(options: DestinationOptions): Promise<Destination | undefined> {
  const config = clientConfig(stackLocation(options));
  if (options.toSecret !== undefined) {
    const { secretDestination } = await import('./secrets-manager.ts');
    return secretDestination(options.toSecret, config);
  }
  if (options.toGithub !== undefined) {
    const { gitHubDestination } = await import('./github.ts');
    return gitHubDestination(options.toGithub, options.githubApi, config.requestHandler);
  }
  if (options.toParameter === undefined) return undefined;
  const { parameterDestination } = await import('./parameter-store.ts');
  return parameterDestination(options.toParameter, config);
}

/** A request for a key, and what to do if the key can't be stored. */
export interface Issue<Issued extends IssuedKey> {
  readonly issue: () => Promise<Issued>;
  /** The prefix of the key that the new one replaces. @default the key replaces none */
  readonly replaces?: string;
  /** Makes sure that a key that could not be stored does not work. */
  readonly withdraw: (prefix: string) => Promise<Withdrawal>;
}

/** What became of a key that could not be stored, and what to do, as the end of a sentence. */
interface Withdrawal {
  readonly became: string;
  readonly advice: string;
}

/**
 * Has a key issued and stores it. The key is never printed, also not if it can't be stored: then it is withdrawn.
 *
 * @returns the result of issuing the key
 * @throws {CommandError} if the place can't be used, or the key was issued and could not be stored
 */
export async function storeKey<Issued extends IssuedKey>(
  destination: Destination,
  { json }: Pick<DestinationOptions, 'json'>,
  { issue, replaces, withdraw }: Issue<Issued>,
): Promise<Issued> {
  try {
    await destination.reserve(replaces);
    const issued = await issue().catch(async (error: unknown) => {
      await destination.release();
      throw error;
    });
    const { key, record, message } = issued;
    if (key === null) await destination.release();
    else {
      const storable = { key, keyId: record.prefix, expiresAt: record.expiresAt };
      await destination.store(storable).catch(async (error: unknown) => {
        throw await undelivered(record.prefix, destination, withdraw, error);
      });
    }
    if (json === true) printJson({ ...issued, key: null, storedIn: key === null ? null : destination.where });
    else {
      note(keyDetails(record));
      note('');
      note(key === null ? styledNote('yellow', message) : `The key is in ${destination.where}.`);
    }
    return issued;
  } finally {
    destination.close();
  }
}

async function undelivered(
  prefix: string,
  destination: Destination,
  withdraw: Issue<IssuedKey>['withdraw'],
  error: unknown,
): Promise<CommandError> {
  const name = error instanceof Error ? error.name : 'unknown error';
  const reason =
    error instanceof CommandError ? error.message : `It could not be stored in ${destination.where} (${name}).`;
  const { became, advice } = await withdraw(prefix).catch(() => ({
    became: 'is lost and still works',
    advice: `Run "latchkey revoke ${prefix}"`,
  }));
  await destination.release().catch(() => undefined);
  const message = `The key ${prefix} was issued, but not stored. ${reason} The key ${became}. ${advice}.`;
  return refusal({ code: 'undelivered', message, prefix });
}
