import { InvalidArgumentError } from 'commander';
import { findKeys } from '../src/core/keys/find-keys.ts';
import { isKeyId } from '../src/core/keys/key-id.ts';
import type { Metadata, MetadataValue } from '../src/core/keys/record.ts';
import { usageError } from './errors.ts';

/** What to do if a key was typed as an argument. */
export const ROTATE_TYPED_KEY = 'The key is in your shell history now, so rotate it.';

/** Parses the prefix of a key. Rejects a whole key, because the command line is stored in the shell history. */
export function prefixArgument(text: string): string {
  if (isKeyId(text)) return text;
  // Not an InvalidArgumentError, because its message would repeat the text.
  throw usageError(
    text.length > 40
      ? `Give the prefix of the key, not the key. ${ROTATE_TYPED_KEY}`
      : 'The prefix is not valid. Give the 12 letters and digits after the label of the key.',
  );
}

/** Collects the values of an option that can be repeated. */
export function collect(value: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), value];
}

/** Collects metadata. Values are booleans, numbers or strings; a value in double quotes is always a string. */
export function collectMetadata(pair: string, before: Metadata | undefined): Metadata {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Use the form name=value.');
  return { ...before, [pair.slice(0, equals)]: metadataValue(pair.slice(equals + 1)) };
}

/** Attributes as typed. The deployment's schema determines their types. */
export type AttributeTexts = Readonly<Record<string, string>>;

/** Collects attributes. */
export function collectAttribute(pair: string, before: AttributeTexts | undefined): AttributeTexts {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError('Use the form name=value.');
  return { ...before, [pair.slice(0, equals)]: pair.slice(equals + 1) };
}

/** Parses the id of an owner. Rejects a key, which would be stored and shown. */
export function ownerArgument(text: string): string {
  if (findKeys(text).length > 0) throw usageError(`Give the id of the owner, not a key. ${ROTATE_TYPED_KEY}`);
  if (/^[\x21-\x7e]{1,128}$/.test(text)) return text;
  throw usageError('The owner is not valid. Give 1 to 128 printable ASCII characters without spaces.');
}

/** Parses a positive integer. */
export function positiveNumber(text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value > 0) return value;
  throw new InvalidArgumentError('Use a whole number, at least 1.');
}

function metadataValue(text: string): MetadataValue {
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text) && String(Number(text)) === text) return Number(text);
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
}
