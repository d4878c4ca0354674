import { createReadStream } from 'node:fs';
import { findKeys, MAX_KEY_LENGTH } from '../../src/core/keys/find-keys.ts';
import { textReader } from './text-reader.ts';

/** A key in a file or in a file's name, without its secret. */
export interface Leak {
  readonly file: string;
  /** The number of the line, from 1, or `null` if the key is in the file's name. */
  readonly line: number | null;
  readonly label: string;
  readonly prefix: string;
}

/**
 * Finds the keys in a file of any size and any kind. Holds one chunk of the file in memory at a time.
 *
 * @param labels only keys with one of these labels @default any label
 */
export async function scanFile(file: string, labels?: readonly string[]): Promise<Leak[]> {
  const leaks: Leak[] = [];
  let line = 1;
  let kept = '';
  const read = textReader();
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    const text = kept + read(chunk);
    // A key can continue in the next chunk, so its possible start is searched again together with that chunk.
    const settled = Math.max(0, text.length - MAX_KEY_LENGTH - 1);
    collect(text, settled);
    line += newlines(text.slice(0, settled));
    kept = text.slice(settled);
  }
  collect(kept, kept.length);
  return leaks;

  function collect(text: string, end: number): void {
    for (const { key, index } of findKeys(text, labels)) {
      if (index >= end) break;
      leaks.push({ file, line: line + newlines(text.slice(0, index)), label: key.label, prefix: key.prefix });
    }
  }
}

function newlines(text: string): number {
  return text.split('\n').length - 1;
}
