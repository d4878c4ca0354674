import { InvalidArgumentError } from 'commander';
import { findKeys } from '../src/core/keys/find-keys.ts';
import { isKeyId } from '../src/core/keys/key-id.ts';
import type { Metadata, MetadataValue } from '../src/core/keys/record.ts';
import { usageError } from './errors.ts';

/** What a key on the command line means. */
export const ROTATE_IT = 'the key is in your shell history now, so rotate it';

/** Reads a key's prefix. A whole key is refused, and not repeated: on a command line it is in the shell's history. */
export function prefixArgument(text: string): string {
  if (isKeyId(text)) return text;
  // Not an InvalidArgumentError: its message would repeat the text.
  throw usageError(
    text.length > 40
      ? `Give the prefix, not the key: ${ROTATE_IT}.`
      : 'That is not a key prefix: a prefix is the 12 letters and digits after the label of a key.',
  );
}

/** Collects the values of an option that can be given several times. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Collects `name=value` pairs. `true`, `false` and numbers are what they look like, and anything in quotes is a text. */
export function collectMetadata(pair: string, before: Metadata | undefined): Metadata {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Give it as name=value.');
  return { ...before, [pair.slice(0, equals)]: metadataValue(pair.slice(equals + 1)) };
}

/** `name=value` pairs as they were typed: what they mean, the deployment's schema says. */
export type Texts = Readonly<Record<string, string>>;

/** Collects `name=value` pairs. */
export function collectAttribute(pair: string, before: Texts | undefined): Texts {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Give it as name=value.');
  return { ...before, [pair.slice(0, equals)]: pair.slice(equals + 1) };
}

/** Reads an owner's id. A key is refused, which would be stored as one, and shown. */
export function ownerArgument(text: string): string {
  if (findKeys(text).length > 0) throw usageError(`Give the owner's id, not a key: ${ROTATE_IT}.`);
  if (/^[\x21-\x7e]{1,128}$/.test(text)) return text;
  throw usageError('That is no id of an owner: 1 to 128 printable ASCII characters, no spaces.');
}

/** Reads a whole number, from 1. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('Not a whole number from 1.');
}

function metadataValue(text: string): MetadataValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) && String(Number(text)) === text) return Number(text);
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
}
