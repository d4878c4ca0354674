import { Option, type Command } from 'commander';
import type { Limits } from '../src/core/limits/limits.ts';
import { positiveNumber } from './arguments.ts';

/** The options for the limits of a key. */
export interface LimitOptions {
  readonly plan?: string;
  readonly rate?: string;
  readonly burst?: number;
  readonly quota?: string;
}

/** Adds the limit options to a command. */
export function withLimits(command: Command): Command {
  return command
    .option('--plan <name>', "one of the deployment's plans, which sets default limits")
    .option('--rate <rate>', 'maximum request rate, such as 100/s or 6000/min')
    .option('--burst <n>', 'maximum number of requests at once (default: the count of the rate)', positiveNumber)
    .option('--quota <quota>', 'maximum number of requests in a period, such as 1000000/month');
}

/** Adds the options that remove limits. */
export function withoutLimits(command: Command): Command {
  return command
    .addOption(new Option('--clear-plan', 'remove the plan').conflicts('plan'))
    .addOption(
      new Option('--clear-limits', 'remove the key-specific limits; the limits of the plan remain').conflicts([
        'rate',
        'burst',
        'quota',
      ]),
    );
}

/** Returns the limits in the options, or `undefined` without any. The deployment validates them. */
export function limitsOf({ rate, burst, quota }: LimitOptions): Limits | undefined {
  return rate === undefined && burst === undefined && quota === undefined ? undefined : { rate, burst, quota };
}
