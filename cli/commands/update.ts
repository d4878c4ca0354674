import { Option, type Command } from 'commander';
import type { Metadata } from '../../src/core/keys/record.ts';
import {
  collect,
  collectAttribute,
  collectMetadata,
  positiveNumber,
  prefixArgument,
  type AttributeTexts,
} from '../arguments.ts';
import { metadataChange } from '../attributes.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { limitsOf, withLimits, withoutLimits, type LimitOptions } from '../limits.ts';
import { keyDetails } from '../output/key.ts';
import { print, printJson } from '../output/screen.ts';
import { restrictionsOf, withoutRestrictions, withRestrictions, type RestrictionOptions } from '../restrictions.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions, LimitOptions, RestrictionOptions {
  readonly name?: string;
  readonly scope?: readonly string[];
  readonly clearScopes?: true;
  readonly attribute?: AttributeTexts;
  readonly metadata?: Metadata;
  readonly clearMetadata?: true;
  readonly replaceMetadata?: true;
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
  const command = describedCommand(
    'update',
    'Change a key’s name, scopes, metadata, limits, restrictions or expiry. The key itself stays the same.',
    [
      'update 4fQ9aZ0bT1xW --name "Checkout, EU"',
      'update 4fQ9aZ0bT1xW --scope "GET /orders/*" --expires 2027-12-31 --if-version 3',
      'update 4fQ9aZ0bT1xW --attribute seats=5',
      'update 4fQ9aZ0bT1xW --plan pro --clear-limits',
    ],
  );
  return withoutRestrictions(withRestrictions(withoutLimits(withLimits(command))))
    .argument('<prefix>', 'prefix of the key', prefixArgument)
    .option('--name <name>', 'new name')
    .option('--scope <scope>', 'replace all scopes; can be repeated', collect)
    .addOption(new Option('--clear-scopes', 'remove all scopes').conflicts('scope'))
    .addOption(
      new Option('--attribute <name=value>', 'change this attribute; can be repeated')
        .argParser(collectAttribute)
        .conflicts('clearMetadata'),
    )
    .option('--metadata <name=value>', 'set a metadata field and keep the others; can be repeated', collectMetadata)
    .option('--replace-metadata', 'replace all metadata with the given fields')
    .addOption(new Option('--clear-metadata', 'remove all metadata').conflicts(['metadata', 'replaceMetadata']))
    .option('--expires <when>', 'expiry: a duration such as 90d, or a date such as 2027-01-31')
    .addOption(new Option('--never-expires', 'remove the expiry').conflicts('expires'))
    .option('--if-version <n>', 'fail if the key has a newer version than this', positiveNumber)
    .action((prefix: string, options: Options) =>
      withDeployment(options, async (deployment) => {
        const key = await deployment.keys.update(prefix, {
          name: options.name,
          scopes: options.clearScopes === true ? [] : options.scope,
          ...(await metadataChange(deployment, options)),
          plan: options.clearPlan === true ? null : options.plan,
          limits: options.clearLimits === true ? null : limitsOf(options),
          restrictions: options.clearRestrictions === true ? null : restrictionsOf(options),
          notBefore: options.clearNotBefore === true ? null : options.notBefore,
          expires: options.neverExpires === true ? null : options.expires,
          ...(options.ifVersion === undefined ? {} : { version: options.ifVersion }),
        });
        if (options.json === true) printJson(key);
        else print(keyDetails(key));
      }),
    );
}
