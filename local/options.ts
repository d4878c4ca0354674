import { parseArgs } from 'node:util';
import { IMPORTED_FORMATS, type ImportedFormat } from '../src/core/keys/imported-key.ts';

export const DEFAULT_PORT = 8787;
export const DEFAULT_ADMIN_PORT = 8788;

export const USAGE = `Usage: npm start -- [options]

Runs the sample API and the admin API on this machine with DynamoDB Local.

  --port <n>         port of the sample API (default 8787, or the next free port)
  --admin-port <n>   port of the admin API (default 8788, or the next free port)
  --cache-ttl <s>    TTL of the authorizer cache in seconds (default 5; 0 to 3600)
  --imported-formats <list>
                     formats of imported keys to accept, such as drf,better-auth (default none)
  --persist          keep keys and usage in the folder .latchkey (default: in memory)
  --logs             print the logs of the functions
  --help             print this help

Set DYNAMODB_ENDPOINT to use a running DynamoDB, such as http://127.0.0.1:8000.`;

export interface StartOptions {
  /** `undefined` for the default port, or the next free one. */
  readonly port: number | undefined;
  /** `undefined` for the default port, or the next free one. */
  readonly adminPort: number | undefined;
  readonly cacheTtlSeconds: number;
  readonly authorizer: { readonly importedFormats: readonly ImportedFormat[] };
  readonly persist: boolean;
  readonly logs: boolean;
  readonly help: boolean;
}

/** The command line is invalid. The message is for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** @throws {UsageError} */
export function parseOptions(args: readonly string[]): StartOptions {
  const values = parse(args);
  return {
    port: values.port === undefined ? undefined : wholeNumber('--port', values.port, 65_535),
    adminPort:
      values['admin-port'] === undefined ? undefined : wholeNumber('--admin-port', values['admin-port'], 65_535),
    cacheTtlSeconds: wholeNumber('--cache-ttl', values['cache-ttl'], 3600),
    authorizer: { importedFormats: importedFormats(values['imported-formats']) },
    persist: values.persist,
    logs: values.logs,
    help: values.help,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string' },
        'admin-port': { type: 'string' },
        'cache-ttl': { type: 'string', default: '5' },
        'imported-formats': { type: 'string', default: '' },
        persist: { type: 'boolean', default: false },
        logs: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    const [sentence = ''] = error instanceof Error ? error.message.split(/[.\n]/, 1) : [];
    throw new UsageError(`${sentence}. Run "npm start -- --help" for the options.`);
  }
}

function importedFormats(text: string): ImportedFormat[] {
  return text
    .split(',')
    .filter((name) => name !== '')
    .map((name) => {
      const format = IMPORTED_FORMATS.find((known) => known === name);
      if (format !== undefined) return format;
      throw new UsageError(
        `--imported-formats: "${name}" is not a format. Use one or more of ${IMPORTED_FORMATS.join(', ')}.`,
      );
    });
}

function wholeNumber(flag: string, text: string, max: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value <= max) return value;
  throw new UsageError(`${flag}: "${text}" is not valid. Use a whole number from 0 to ${String(max)}.`);
}
