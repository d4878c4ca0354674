import { channel } from 'node:diagnostics_channel';

/** The name of the channel; what comes by it is the key's text. */
export const FOREIGN_KEYS = 'latchkey.test.foreign-keys';

const foreignKeys = channel(FOREIGN_KEYS);

/** Says that another system has made this key. Ours are noticed as they are made; theirs nobody else would look for. */
export function foreignKeyMade(key: string): void {
  foreignKeys.publish(key);
}
