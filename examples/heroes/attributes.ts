import { defineAttributes } from 'latchkey';
import { z } from 'zod';

/** The custom metadata of a key: a column in every list of keys, and typed in the API. */
export const heroAttributes = defineAttributes(
  z.object({
    hero: z.string().min(1).max(50).describe('the name of the hero that the key belongs to'),
  }),
);
