import { describe } from 'vitest';
import { commandLine } from './command-line.ts';
import { allCrashPoints } from './crash-points.ts';
import { EMULATORS, emulated } from './emulated.ts';
import { fourSteps } from './four-steps.ts';
import { soak } from './soak.ts';

describe.each(Object.entries(EMULATORS))('a key in the Secrets Manager of %s', (name, start) => {
  const emulator = emulated(start);
  fourSteps(emulator);
  allCrashPoints(emulator, name);
  commandLine(emulator);
  soak(emulator, { rotations: 8, pauseMs: 2500 });
});
