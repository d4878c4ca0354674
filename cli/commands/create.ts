import type { Command } from 'commander';
import type { Metadata } from '../../src/core/keys/record.ts';
import { collect, collectAttribute, collectMetadata, ownerArgument, type AttributeTexts } from '../arguments.ts';
import { metadataOf } from '../attributes.ts';
import { withDestinations } from '../destinations/destination.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { limitsOf, withLimits, type LimitOptions } from '../limits.ts';
import { restrictionsOf, withRestrictions, type RestrictionOptions } from '../restrictions.ts';
import { issueAndPrint, type SecretOptions } from '../output/secret.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions, SecretOptions, LimitOptions, RestrictionOptions {
  readonly owner?: string;
  readonly scope?: readonly string[];
  readonly attribute?: AttributeTexts;
  readonly metadata?: Metadata;
  readonly expires?: string;
  readonly idempotencyToken?: string;
}

export function createCommand(): Command {
  const command = deploymentCommand('create', 'Create a key. It is shown only once.', [
    'create "Checkout service" --owner acme --scope "GET /orders/*" --scope "POST /orders" --expires 90d',
    'create Checkout --plan pro --quota 1000000/month',
    'create Checkout --attribute tenant=acme --attribute plan=pro',
    'create Checkout --metadata tier=gold --metadata seats=5 --out checkout.key',
    'create Checkout --source-ip 192.0.2.0/24 --stage prod --not-before 2027-01-01',
    'create Checkout | gh secret set LATCHKEY',
    'create Checkout --to-secret checkout/latchkey',
  ]);
  return withDestinations(withRestrictions(withLimits(command)))
    .argument('<name>', 'name of the key')
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
    .action(async (name: string, options: Options) => {
      const { owner, scope, plan, notBefore, expires, idempotencyToken } = options;
      await issueAndPrint(options, () =>
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
        ),
      );
    });
}
