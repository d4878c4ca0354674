import type { Command } from 'commander';
import type { KeyView } from '../src/management/view.ts';
import { usageError } from './errors.ts';

/** Adds the option that selects fields of a key to a command. */
export function addFieldsOption(command: Command): Command {
  return command.option(
    '--fields <names>',
    'only these fields of a key, in --json and --csv, such as prefix,name,expiresAt',
    (text: string) => text.split(','),
  );
}

/**
 * Returns the selected fields of a key.
 *
 * @param names @default all fields
 * @throws {CommandError} if a key has no such field
 */
export function selectFields(record: KeyView, names: readonly string[] | undefined): Readonly<Record<string, unknown>> {
  const fields: Readonly<Record<string, unknown>> = { ...record };
  if (names === undefined) return fields;
  const unknown = names.find((name) => !Object.hasOwn(fields, name));
  if (unknown !== undefined)
    throw usageError(`--fields: "${unknown}" is not a field of a key. Use ${Object.keys(fields).join(', ')}.`);
  return Object.fromEntries(names.map((name) => [name, fields[name]]));
}
