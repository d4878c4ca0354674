import type { Command } from 'commander';
import type { Metadata } from '../../src/core/keys/record.ts';
import { collect, collectAttribute, collectMetadata, ownerArgument, type Texts } from '../arguments.ts';
import { metadataGiven } from '../attributes.ts';
import { onDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { limitsGiven, withLimits, type LimitOptions } from '../limits.ts';
import { restrictionsGiven, withRestrictions, type RestrictionOptions } from '../restrictions.ts';
import { handOver, type SecretOptions } from '../output/secret.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions, SecretOptions, LimitOptions, RestrictionOptions {
  readonly owner?: string;
  readonly scope?: readonly string[];
  readonly attribute?: Texts;
  readonly metadata?: Metadata;
  readonly expires?: string;
  readonly idempotencyToken?: string;
}

export function createCommand(): Command {
  const command = deploymentCommand('create', 'Make a key. It is shown this once.', [
    'create "Checkout service" --owner acme --scope "GET /orders/*" --scope "POST /orders" --expires 90d',
    'create Checkout --plan pro --quota 1000000/month',
    'create Checkout --attribute tenant=acme --attribute plan=pro',
    'create Checkout --metadata tier=gold --metadata seats=5 --out checkout.key',
    'create Checkout --source-ip 192.0.2.0/24 --stage prod --not-before 2027-01-01',
    'create Checkout | gh secret set LATCHKEY',
  ]);
  return withRestrictions(withLimits(command))
    .argument('<name>', 'what people will know it by')
    .option('--owner <id>', "your own id of the key's owner", ownerArgument)
    .option(
      '--scope <scope>',
      'a call that it may make, such as "GET /orders/*", or a name for your API, such as orders:write; repeat for more',
      collect,
    )
    .option('--attribute <name=value>', "a field of the deployment's own schema; repeat for more", collectAttribute)
    .option('--metadata <name=value>', 'a fact of your own about it; repeat for more', collectMetadata)
    .option('--expires <when>', 'a duration such as 90d, or a date such as 2027-01-31 (default: never)')
    .option('--idempotency-token <text>', 'names this one request, so that a retry makes no second key')
    .option('--out <file>', 'write the key to a new file that only you can read, instead of showing it')
    .action(async (name: string, options: Options) => {
      const { owner, scope, plan, notBefore, expires, idempotencyToken } = options;
      await handOver(options, () =>
        onDeployment(options, async (deployment) =>
          deployment.keys.create({
            name,
            ownerId: owner,
            scopes: scope,
            metadata: await metadataGiven(deployment, options),
            plan,
            limits: limitsGiven(options),
            restrictions: restrictionsGiven(options),
            notBefore,
            expires,
            idempotencyToken,
          }),
        ),
      );
    });
}
