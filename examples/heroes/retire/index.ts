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

/** Suspends or resumes a hero as an owner of keys. One write affects all of the hero's keys. */
export const handler = async ({ heroId, retired }: Retirement) => {
  const { suspended } = retired
    ? await heroKeys.suspend(heroId, { reason: 'retired', by: 'the register of heroes' })
    : await heroKeys.resume(heroId, { by: 'the register of heroes' });
  return { heroId, suspended };
};
