import { Option, type Command } from 'commander';
import type { Limits } from '../src/core/limits/limits.ts';
import { positiveNumber } from './arguments.ts';

/** The options that say how much a key may do. */
export interface LimitOptions {
  readonly plan?: string;
  readonly rate?: string;
  readonly burst?: number;
  readonly quota?: string;
}

/** Adds them to a command. */
export function withLimits(command: Command): Command {
  return command
    .option('--plan <name>', "one of the deployment's plans, for limits that it shares with others")
    .option('--rate <rate>', 'how fast it may call, such as 100/s or 6000/min')
    .option('--burst <n>', 'how many calls may come at once after a pause (default: those of the rate)', positiveNumber)
    .option('--quota <quota>', 'how much it may call, such as 1000000/month');
}

/** Adds how a key is rid of them. */
export function withoutLimits(command: Command): Command {
  return command
    .addOption(new Option('--clear-plan', 'take its plan away').conflicts('plan'))
    .addOption(
      new Option('--clear-limits', 'take its own limits away; those of its plan stay').conflicts([
        'rate',
        'burst',
        'quota',
      ]),
    );
}

/** The limits that were given, if any was. The function that stores them checks them. */
export function limitsGiven({ rate, burst, quota }: LimitOptions): Limits | undefined {
  return rate === undefined && burst === undefined && quota === undefined ? undefined : { rate, burst, quota };
}
