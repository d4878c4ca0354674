import { Option, type Command } from 'commander';
import type { IssuedKey } from '../../src/management/operations/issue-key.ts';
import { refusal } from '../errors.ts';
import { stackLocation, type DeploymentOptions } from '../deployment/options.ts';
import { clientConfig } from '../deployment/stack.ts';
import { keyDetails } from '../output/key.ts';
import { note, printJson } from '../output/screen.ts';
import { styledNote } from '../output/terminal-text.ts';

/** The options that store a key in an AWS service, so that it is never shown. */
export interface DestinationOptions extends DeploymentOptions {
  readonly toSecret?: string;
  readonly toParameter?: string;
  readonly json?: true;
}

/** A key that was issued, with its text. */
interface StorableKey {
  readonly key: string;
  readonly keyId: string;
  readonly expiresAt: string | null;
}

/** A place in an AWS service where a key is stored. */
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
  /** Stores the key. The errors of AWS can quote it, so they must not be shown. */
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
      ]),
    )
    .addOption(
      new Option(
        '--to-parameter <name>',
        'store the key as a SecureString in AWS Systems Manager Parameter Store, instead of showing it',
      ).conflicts('out'),
    );
}

/** Returns where the key goes, or `undefined` if it is shown or written to a file. */
export async function destinationOf(options: DestinationOptions): Promise<Destination | undefined> {
  const config = clientConfig(stackLocation(options));
  if (options.toSecret !== undefined) {
    const { secretDestination } = await import('./secrets-manager.ts');
    return secretDestination(options.toSecret, config);
  }
  if (options.toParameter === undefined) return undefined;
  const { parameterDestination } = await import('./parameter-store.ts');
  return parameterDestination(options.toParameter, config);
}

/**
 * Has a key issued and stores it. The key is never printed, also not if it can't be stored.
 *
 * @param replaces the prefix of the key that the new one replaces. @default the key replaces none
 * @returns the result of issuing the key
 * @throws {CommandError} if the place can't be used, or the key was issued and could not be stored
 */
export async function storeKey<Issued extends IssuedKey>(
  destination: Destination,
  { json }: Pick<DestinationOptions, 'json'>,
  replaces: string | undefined,
  issue: () => Promise<Issued>,
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
      await destination.store(storable).catch((error: unknown) => {
        throw undelivered(record.prefix, destination.where, error);
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

function undelivered(prefix: string, where: string, error: unknown) {
  const name = error instanceof Error ? error.name : 'unknown error';
  return refusal({
    code: 'undelivered',
    message: `The key ${prefix} was issued, but could not be stored in ${where} (${name}), and is lost. Run "latchkey rotate ${prefix}" to replace it, or "latchkey revoke ${prefix}".`,
    prefix,
  });
}
