import { createReadStream } from 'node:fs';
import { findKeys, MAX_KEY_LENGTH } from '../../functions/domain/find-keys.ts';

/** A key that lies in a file. Only its public part is told on. */
export interface Leak {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly label: string;
  readonly prefix: string;
}

/** git takes a file for binary by the same sign in the same place. */
const BINARY_SNIFF_BYTES = 8000;

/**
 * Finds the keys in a file, of any size, with the memory of a piece of it.
 *
 * @param labels only keys with one of these @default any label
 * @returns `undefined` if it is a binary file, which is not looked into
 */
export async function scanFile(file: string, labels?: readonly string[]): Promise<Leak[] | undefined> {
  const leaks: Leak[] = [];
  let line = 1;
  let kept = '';
  let first = true;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    if (first && chunk.subarray(0, BINARY_SNIFF_BYTES).includes(0)) return undefined;
    first = false;
    const text = kept + chunk.toString('latin1');
    // A key may go on in the next piece: what could be the beginning of one is looked at again with it.
    const settled = Math.max(0, text.length - MAX_KEY_LENGTH - 1);
    take(text, settled);
    line += newlines(text.slice(0, settled));
    kept = text.slice(settled);
  }
  take(kept, kept.length);
  return leaks;

  function take(text: string, end: number): void {
    for (const { key, index } of findKeys(text, labels)) {
      if (index >= end) break;
      leaks.push({ file, line: line + newlines(text.slice(0, index)), label: key.label, prefix: key.prefix });
    }
  }
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}
