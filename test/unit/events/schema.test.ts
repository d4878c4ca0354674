import { format } from 'prettier';
import { expect, it } from 'vitest';
import { eventSchema } from '../../../src/events/schemas.ts';

// `vitest -u` rewrites the file. Removing a field or changing its meaning breaks users' rules.
it('publishes the schema of the events unchanged', async () => {
  const text = await format(JSON.stringify(eventSchema()), { parser: 'json', printWidth: 120 });
  await expect(text).toMatchFileSnapshot('../../../docs/events.schema.json');
});
