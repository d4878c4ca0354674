import { Option, type Command } from 'commander';
import { parseDuration } from '../../src/management/expiry.ts';
import type { Metadata } from '../../src/core/keys/record.ts';
import { collectAttribute, collectMetadata, prefixArgument, type AttributeTexts } from '../arguments.ts';
import { successorMetadata } from '../attributes.ts';
import { withDestinations } from '../destinations/destination.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { noteCaches } from '../output/caches.ts';
import { confirm } from '../output/confirm.ts';
import { issueAndPrint, type SecretOptions } from '../output/secret.ts';
import { deploymentCommand } from './command.ts';

interface Options extends DeploymentOptions, SecretOptions {
  readonly overlap?: string;
  readonly expires?: string;
  readonly neverExpires?: true;
  readonly attribute?: AttributeTexts;
  readonly metadata?: Metadata;
  readonly idempotencyToken?: string;
  readonly yes?: true;
}

export function rotateCommand(): Command {
  const command = deploymentCommand(
    'rotate',
    'Replace a key by a new one; the old one works for the overlap, then ends.',
    [
      'rotate 4fQ9aZ0bT1xW --overlap 24h',
      'rotate 4fQ9aZ0bT1xW --overlap 7d --expires 90d --yes --out checkout.key',
      'rotate 4fQ9aZ0bT1xW --overlap 24h --to-secret checkout/latchkey',
    ],
  );
  return withDestinations(command)
    .argument('<prefix>', "the key's prefix", prefixArgument)
    .option('--overlap <duration>', 'how long the old key goes on working, such as 24h (default: not at all)')
    .option('--expires <when>', 'when the new key expires (default: as the old one would have)')
    .addOption(new Option('--never-expires', 'the new key does not expire').conflicts('expires'))
    .addOption(
      new Option(
        '--attribute <name=value>',
        "change this field of the deployment's own schema on the new key; repeat for more",
      )
        .argParser(collectAttribute)
        .conflicts('metadata'),
    )
    .option(
      '--metadata <name=value>',
      "all metadata of the new key (default: the old key's); repeat for more",
      collectMetadata,
    )
    .option('--idempotency-token <text>', 'names this one request, so that a retry makes no second key')
    .option('--out <file>', 'write the key to a new file that only you can read, instead of showing it')
    .option('--yes', 'do not ask')
    .action((prefix: string, options: Options) =>
      withDeployment(options, async (deployment) => {
        const { overlap, expires, neverExpires, idempotencyToken } = options;
        const metadata = await successorMetadata(deployment, prefix, options);
        const { name } = await deployment.keys.get(prefix);
        const end = overlap === undefined ? 'The old one ends at once' : `The old one ends in ${overlap}`;
        await confirm(`Rotate "${name}" (${prefix})? ${end}.`, options);
        const rotate = () =>
          deployment.keys.rotate(prefix, {
            overlap,
            expires: neverExpires === true ? null : expires,
            metadata,
            idempotencyToken,
          });
        const { caches } = await issueAndPrint(options, rotate, prefix);
        // With an overlap nothing has ended yet. A failed flush is no failure here: a script would throw the new key away.
        if (options.json !== true && (overlap === undefined || parseDuration(overlap) === 0))
          noteCaches(caches, 'the old key', `latchkey revoke ${prefix}`);
      }),
    );
}
