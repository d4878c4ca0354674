import { Option, type Command } from 'commander';
import type { Restrictions } from '../src/core/restrictions/restrictions.ts';
import { collect } from './arguments.ts';

/** The options for the restrictions of a key. */
export interface RestrictionOptions {
  readonly sourceIp?: readonly string[];
  readonly origin?: readonly string[];
  readonly stage?: readonly string[];
  readonly notBefore?: string;
}

/** Adds the restriction options to a command. */
export function withRestrictions(command: Command): Command {
  return command
    .option(
      '--source-ip <range>',
      'allow only this IP address or range, such as 192.0.2.0/24; can be repeated',
      collect,
    )
    .option(
      '--origin <origin>',
      'allow only this origin of web pages, such as https://*.example.com; can be repeated',
      collect,
    )
    .option('--stage <name>', 'allow only this API stage; can be repeated', collect)
    .option('--not-before <when>', 'start time: a duration such as 7d, or a date such as 2027-01-31');
}

/** Adds the options that remove restrictions. */
export function withoutRestrictions(command: Command): Command {
  return command
    .addOption(new Option('--clear-restrictions', 'remove all restrictions').conflicts(['sourceIp', 'origin', 'stage']))
    .addOption(new Option('--clear-not-before', 'remove the start time').conflicts('notBefore'));
}

/** Returns the restrictions in the options, or `undefined` without any. The deployment validates them. */
export function restrictionsOf({ sourceIp, origin, stage }: RestrictionOptions): Restrictions | undefined {
  if (sourceIp === undefined && origin === undefined && stage === undefined) return undefined;
  return { sourceIps: sourceIp, origins: origin, stages: stage };
}
