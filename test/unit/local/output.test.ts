import { randomBytes } from 'node:crypto';
import { expect, it } from 'vitest';
import { logLine } from '../../../local/output.ts';
import { newKey } from '../../../src/core/keys/key.ts';

it('prints a log line on one line, without control characters and without secrets', () => {
  const key = newKey({ label: 'lk', randomBytes });
  const hostile = `{"reason":"\u202Eneddih \u009B31m \u001B]0;title\u0007 ${key.text}"}\r##[add-mask]x`;
  expect(logLine('suspend-owner', hostile)).toBe(
    String.raw`suspend-owner  {"reason":"\u202eneddih \u009b31m \u001b]0;title\u0007 lk_${key.prefix}_…"}\r\u0023#[add-mask]x`,
  );
});
