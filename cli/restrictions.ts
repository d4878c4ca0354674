import { Option, type Command } from 'commander';
import type { Restrictions } from '../src/core/restrictions/restrictions.ts';
import { collect } from './arguments.ts';

/** The options that say where and whence a key may be used. */
export interface RestrictionOptions {
  readonly sourceIp?: readonly string[];
  readonly origin?: readonly string[];
  readonly stage?: readonly string[];
  readonly notBefore?: string;
}

/** Adds them to a command. */
export function withRestrictions(command: Command): Command {
  return command
    .option('--source-ip <range>', 'only from this address or range, such as 192.0.2.0/24; repeat for more', collect)
    .option('--origin <origin>', 'only for this page, such as https://*.example.com; repeat for more', collect)
    .option('--stage <name>', 'only on this stage; repeat for more', collect)
    .option('--not-before <when>', 'only from then on: a duration such as 7d, or a date such as 2027-01-31');
}

/** Adds how a key is rid of them. */
export function withoutRestrictions(command: Command): Command {
  return command
    .addOption(
      new Option('--clear-restrictions', 'let it be used from everywhere').conflicts(['sourceIp', 'origin', 'stage']),
    )
    .addOption(new Option('--clear-not-before', 'let it be used from now on').conflicts('notBefore'));
}

/** The restrictions that were given, if any was. The function that stores them checks them. */
export function restrictionsGiven({ sourceIp, origin, stage }: RestrictionOptions): Restrictions | undefined {
  if (sourceIp === undefined && origin === undefined && stage === undefined) return undefined;
  return { sourceIps: sourceIp, origins: origin, stages: stage };
}
