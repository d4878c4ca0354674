import { describe } from 'vitest';
import { builtFunctions } from './built-functions.ts';
import { commandLine } from './command-line.ts';
import { someCrashPoints } from './crash-points.ts';
import { EMULATORS, emulated } from './emulated.ts';
import { fourSteps } from './four-steps.ts';
import { soak } from './soak.ts';

// `npm run test:full` runs the rest: all crash points on both emulators, and a longer soak.
describe('a key in the Secrets Manager of MiniStack', () => {
  const emulator = emulated(EMULATORS.MiniStack);
  fourSteps(emulator);
  someCrashPoints(emulator);
  commandLine(emulator);
  builtFunctions(emulator);
  soak(emulator, { rotations: 2, pauseMs: 1300 });
});
