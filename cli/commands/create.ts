import { input } from '@inquirer/prompts';
import type { Command } from 'commander';
import type { Metadata } from '../../src/core/keys/record.ts';
import { collect, collectAttribute, collectMetadata, ownerArgument, type AttributeTexts } from '../arguments.ts';
import { metadataOf } from '../attributes.ts';
import { withDestinations } from '../destinations/destination.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { CommandError, usageError } from '../errors.ts';
import { limitsOf, withLimits, type LimitOptions } from '../limits.ts';
import { restrictionsOf, withRestrictions, type RestrictionOptions } from '../restrictions.ts';
import { issueAndPrint, type SecretOptions } from '../output/secret.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions, SecretOptions, LimitOptions, RestrictionOptions {
  readonly owner?: string;
  readonly scope?: readonly string[];
  readonly attribute?: AttributeTexts;
  readonly metadata?: Metadata;
  readonly expires?: string;
  readonly idempotencyToken?: string;
}

export function createCommand(): Command {
  const command = describedCommand('create', 'Create a key. It is shown only once.', [
    'create',
    'create "Checkout service" --owner acme --scope "GET /orders/*" --scope "POST /orders" --expires 90d',
    'create Checkout --plan pro --quota 1000000/month',
    'create Checkout --attribute tenant=acme --attribute plan=pro',
    'create Checkout --metadata tier=gold --metadata seats=5 --out checkout.key',
    'create Checkout --source-ip 192.0.2.0/24 --stage prod --not-before 2027-01-01',
    'create Checkout | gh secret set LATCHKEY',
    'create Checkout --to-secret checkout/latchkey',
    'create Checkout --to-github acme/orders:ORDERS_API_KEY',
  ]);
  return withDestinations(withRestrictions(withLimits(command)))
    .alias('new')
    .argument('[name]', 'name of the key; prompted for in a terminal')
    .option('--owner <id>', "your own id of the key's owner", ownerArgument)
    .option(
      '--scope <scope>',
      'allow these routes, such as "GET /orders/*", or a named scope for your API, such as orders:write; can be repeated',
      collect,
    )
    .option(
      '--attribute <name=value>',
      "attribute of the deployment's metadata schema; can be repeated",
      collectAttribute,
    )
    .option('--metadata <name=value>', 'custom metadata; can be repeated', collectMetadata)
    .option('--expires <when>', 'expiry: a duration such as 90d, or a date such as 2027-01-31 (default: never)')
    .option('--idempotency-token <text>', 'identifies this request, so that a retry does not create a second key')
    .option('--out <file>', 'write the key to a new file that only you can read, instead of stdout')
    .action(async (given: string | undefined, options: Options) => {
      const { name, owner, scope, expires } =
        given === undefined ? await promptForKey(options) : { ...options, name: given };
      const { plan, notBefore, idempotencyToken } = options;
      const issue = () =>
        withDeployment(options, async (deployment) =>
          deployment.keys.create({
            name,
            ownerId: owner,
            scopes: scope,
            metadata: await metadataOf(deployment, options),
            plan,
            limits: limitsOf(options),
            restrictions: restrictionsOf(options),
            notBefore,
            expires,
            idempotencyToken,
          }),
        );
      const withdraw = async (prefix: string) => {
        const reason = 'could not be stored';
        await withDeployment(options, ({ keys }) => keys.revoke(prefix, { reason }));
        return { became: 'is revoked', advice: 'Create another one' };
      };
      await issueAndPrint(options, { issue, withdraw });
    });
}

/** Asks for the fields that most keys have, unless an option sets them. An empty answer leaves a field out. */
async function promptForKey({ owner, scope, expires }: Options) {
  if (!process.stdin.isTTY || !process.stderr.isTTY) throw usageError("missing required argument 'name'");
  const ask = async (message: string, validate?: (text: string) => true | string) => {
    const text = await input({ message, ...(validate === undefined ? {} : { validate }) }, { output: process.stderr });
    return text.trim() === '' ? undefined : text.trim();
  };
  return {
    name: (await ask('Name:', (text) => text.trim() !== '' || 'Enter a name.')) ?? '',
    owner: owner ?? (await ask('Owner id (optional):', ownerFault)),
    scope: scope ?? (await ask('Scopes, separated by commas, such as GET /orders/* (optional):'))?.split(/\s*,\s*/),
    expires: expires ?? (await ask('Expires, such as 90d or 2027-01-31 (default: never):')),
  };
}

/** Returns why a text is not the id of an owner, or `true` if it is or if it is empty. */
function ownerFault(text: string): true | string {
  if (text.trim() === '') return true;
  try {
    ownerArgument(text.trim());
    return true;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    return error.message;
  }
}
