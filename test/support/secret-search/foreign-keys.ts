import { channel } from 'node:diagnostics_channel';

/** The name of the channel. Its messages are the keys. */
export const FOREIGN_KEYS = 'latchkey.test.foreign-keys';

const foreignKeys = channel(FOREIGN_KEYS);

/** Records a key that another system created. Latchkey's own keys are recorded when they are created. */
export function foreignKeyMade(key: string): void {
  foreignKeys.publish(key);
}
