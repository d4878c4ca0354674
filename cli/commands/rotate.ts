import { Option, type Command } from 'commander';
import { DEFAULT_ROTATION_OVERLAP, type Metadata } from '../../src/core/keys/record.ts';
import { parseDuration } from '../../src/management/expiry.ts';
import type { KeyView } from '../../src/management/view.ts';
import { collectAttribute, collectMetadata, prefixArgument, type AttributeTexts } from '../arguments.ts';
import { successorMetadata } from '../attributes.ts';
import { withDestinations } from '../destinations/destination.ts';
import { withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { noteCaches } from '../output/caches.ts';
import { confirm } from '../output/confirm.ts';
import { note } from '../output/screen.ts';
import { issueAndPrint, type SecretOptions } from '../output/secret.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions, SecretOptions {
  readonly overlap: string;
  readonly expires?: string;
  readonly neverExpires?: true;
  readonly attribute?: AttributeTexts;
  readonly metadata?: Metadata;
  readonly idempotencyToken?: string;
  readonly yes?: true;
}

export function rotateCommand(): Command {
  const command = describedCommand(
    'rotate',
    'Replace a key with a new one. The old key keeps working for the overlap.',
    [
      'rotate 4fQ9aZ0bT1xW',
      'rotate 4fQ9aZ0bT1xW --overlap 7d --expires 90d --yes --out checkout.key',
      'rotate 4fQ9aZ0bT1xW --overlap 0s',
      'rotate 4fQ9aZ0bT1xW --to-secret checkout/latchkey',
      'rotate 4fQ9aZ0bT1xW --overlap 1h --to-github acme/orders:ORDERS_API_KEY',
    ],
  );
  return withDestinations(command)
    .argument('<prefix>', 'prefix of the key', prefixArgument)
    .option(
      '--overlap <duration>',
      'how long the old key keeps working, such as 7d; 0s revokes it immediately',
      DEFAULT_ROTATION_OVERLAP,
    )
    .option('--expires <when>', 'expiry of the new key: a duration or a date (default: that of the old key)')
    .addOption(new Option('--never-expires', 'create the new key without an expiry').conflicts('expires'))
    .addOption(
      new Option('--attribute <name=value>', 'change this attribute on the new key; can be repeated')
        .argParser(collectAttribute)
        .conflicts('metadata'),
    )
    .option(
      '--metadata <name=value>',
      'replace all metadata on the new key (default: that of the old key); can be repeated',
      collectMetadata,
    )
    .option('--idempotency-token <text>', 'identifies this request, so that a retry does not create a second key')
    .option('--out <file>', 'write the key to a new file that only you can read, instead of stdout')
    .option('--yes', 'skip the confirmation')
    .action((prefix: string, options: Options) =>
      withDeployment(options, async (deployment) => {
        const { overlap, expires, neverExpires, idempotencyToken } = options;
        const metadata = await successorMetadata(deployment, prefix, options);
        const old = await deployment.keys.get(prefix);
        const stopsAt = endOfOverlap(old, overlap);
        const end = stopsAt === undefined ? 'immediately' : `at ${stopsAt}`;
        await confirm(`Rotate "${old.name}" (${prefix})? The old key stops working ${end}.`, options);
        const rotate = async () => ({
          ...(await deployment.keys.rotate(prefix, {
            overlap,
            expires: neverExpires === true ? null : expires,
            metadata,
            idempotencyToken,
          })),
          oldKey: { prefix, stopsAt: stopsAt ?? new Date().toISOString() },
        });
        const withdraw = async (newPrefix: string) => {
          await deployment.keys.disable(newPrefix, { reason: 'could not be stored' });
          const advice = `Run "latchkey enable ${newPrefix}", then rotate ${newPrefix} in the same way`;
          return { became: 'is disabled', advice };
        };
        const { caches } = await issueAndPrint(options, { issue: rotate, replaces: prefix, withdraw });
        if (options.json === true) return;
        note(`The old key ${prefix} ${stopsAt === undefined ? 'no longer works' : `works until ${stopsAt}`}.`);
        // A failed flush is not an error, because a script would discard the new key.
        if (stopsAt === undefined) noteCaches(caches, 'the old key', `latchkey revoke ${prefix}`);
      }),
    );
}

/** Returns when the old key stops working, to the second, or `undefined` for immediately. */
function endOfOverlap({ expiresAt }: KeyView, overlap: string): string | undefined {
  // The deployment rejects an overlap that is not a duration.
  const duration = parseDuration(overlap) ?? 0;
  if (duration === 0) return undefined;
  const overlapEnd = Date.now() + duration;
  const expiry = expiresAt === null ? NaN : Date.parse(expiresAt);
  return new Date(expiry < overlapEnd ? expiry : overlapEnd).toISOString().replace(/\.\d+/, '');
}
