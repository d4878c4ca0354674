import { createKeyClient } from 'latchkey/client';

const heroKeys = createKeyClient({
  functionNames: {
    suspend: process.env['SUSPEND_FUNCTION'] ?? '',
    resume: process.env['RESUME_FUNCTION'] ?? '',
  },
});

interface Retirement {
  /** The owner of the hero's keys. */
  readonly heroId: string;
  readonly retired: boolean;
}

/** A hero retires, or comes back: with one write all of its keys end, or are again what they were. */
export const handler = async ({ heroId, retired }: Retirement) => {
  const { suspended } = retired
    ? await heroKeys.suspend(heroId, { reason: 'retired', by: 'the register of heroes' })
    : await heroKeys.resume(heroId, { by: 'the register of heroes' });
  return { heroId, suspended };
};
