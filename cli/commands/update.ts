import { Option, type Command } from 'commander';
import type { Metadata } from '../../src/core/keys/record.ts';
import {
  collect,
  collectAttribute,
  collectMetadata,
  positiveNumber,
  prefixArgument,
  type Texts,
} from '../arguments.ts';
import { metadataChanged } from '../attributes.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { limitsGiven, withLimits, withoutLimits, type LimitOptions } from '../limits.ts';
import { keyDetails } from '../output/key.ts';
import { print, printJson } from '../output/screen.ts';
import { restrictionsGiven, withoutRestrictions, withRestrictions, type RestrictionOptions } from '../restrictions.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions, LimitOptions, RestrictionOptions {
  readonly name?: string;
  readonly scope?: readonly string[];
  readonly clearScopes?: true;
  readonly attribute?: Texts;
  readonly metadata?: Metadata;
  readonly clearMetadata?: true;
  readonly clearPlan?: true;
  readonly clearLimits?: true;
  readonly clearRestrictions?: true;
  readonly clearNotBefore?: true;
  readonly expires?: string;
  readonly neverExpires?: true;
  readonly ifVersion?: number;
  readonly json?: true;
}

export function updateCommand(): Command {
  const command = deploymentCommand(
    'update',
    'Change what is known of a key, and what it may do. The key itself never changes.',
    [
      'update 4fQ9aZ0bT1xW --name "Checkout, EU"',
      'update 4fQ9aZ0bT1xW --scope "GET /orders/*" --expires 2027-12-31 --if-version 3',
      'update 4fQ9aZ0bT1xW --attribute seats=5',
      'update 4fQ9aZ0bT1xW --plan pro --clear-limits',
    ],
  );
  return withoutRestrictions(withRestrictions(withoutLimits(withLimits(command))))
    .argument('<prefix>', "the key's prefix", prefixArgument)
    .option('--name <name>', 'what people will know it by')
    .option('--scope <scope>', 'all that it may call from now on; repeat for more', collect)
    .addOption(new Option('--clear-scopes', 'take all scopes away').conflicts('scope'))
    .addOption(
      new Option('--attribute <name=value>', "changes this field of the deployment's own schema; repeat for more")
        .argParser(collectAttribute)
        .conflicts(['metadata', 'clearMetadata']),
    )
    .option('--metadata <name=value>', 'all facts about it from now on; repeat for more', collectMetadata)
    .addOption(new Option('--clear-metadata', 'take all metadata away').conflicts('metadata'))
    .option('--expires <when>', 'a duration such as 90d, or a date such as 2027-01-31')
    .addOption(new Option('--never-expires', 'take the expiry away').conflicts('expires'))
    .option('--if-version <n>', 'only if nobody has changed it since this version', positiveNumber)
    .action((prefix: string, options: Options) =>
      onDeployment(options, async (deployment) => {
        const key = await deployment.keys.update(prefix, {
          name: options.name,
          scopes: options.clearScopes === true ? [] : options.scope,
          ...(await metadataChanged(deployment, prefix, options)),
          plan: options.clearPlan === true ? null : options.plan,
          limits: options.clearLimits === true ? null : limitsGiven(options),
          restrictions: options.clearRestrictions === true ? null : restrictionsGiven(options),
          notBefore: options.clearNotBefore === true ? null : options.notBefore,
          expires: options.neverExpires === true ? null : options.expires,
          ...(options.ifVersion === undefined ? {} : { version: options.ifVersion }),
        });
        if (options.json === true) printJson(key);
        else print(keyDetails(key));
      }),
    );
}
