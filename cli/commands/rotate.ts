import { Option, type Command } from 'commander';
import { DEFAULT_ROTATION_OVERLAP, type Metadata } from '../../src/core/keys/record.ts';
import { secretNameOf } from '../../src/key-secrets/secret-value.ts';
import { parseDuration } from '../../src/management/expiry.ts';
import type { KeyView } from '../../src/management/view.ts';
import { collectAttribute, collectMetadata, prefixArgument, type AttributeTexts } from '../arguments.ts';
import { successorMetadata } from '../attributes.ts';
import { withDestinations } from '../destinations/destination.ts';
import type { Deployment } from '../deployment/deployment.ts';
import { stackLocation, withDeployment, type DeploymentOptions } from '../deployment/options.ts';
import { clientConfig } from '../deployment/stack.ts';
import { refusal, usageError } from '../errors.ts';
import { noteCaches } from '../output/caches.ts';
import { confirm } from '../output/confirm.ts';
import { keyDetails } from '../output/key.ts';
import { note, printJson } from '../output/screen.ts';
import { issueAndPrint, type SecretOptions } from '../output/secret.ts';
import { describedCommand } from './command.ts';

interface Options extends DeploymentOptions, SecretOptions {
  readonly overlap?: string;
  readonly expires?: string;
  readonly neverExpires?: true;
  readonly attribute?: AttributeTexts;
  readonly metadata?: Metadata;
  readonly idempotencyToken?: string;
  readonly force?: true;
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
      `how long the old key keeps working, such as 7d; 0s revokes it immediately (default: ${DEFAULT_ROTATION_OVERLAP})`,
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
    .option('--force', 'rotate a key that a KeySecret manages, although its secret keeps the old key')
    .option('--yes', 'skip the confirmation')
    .action((prefix: string, options: Options) =>
      withDeployment(options, async (deployment) => {
        const { overlap = DEFAULT_ROTATION_OVERLAP, expires, neverExpires, idempotencyToken, force } = options;
        const old = await deployment.keys.get(prefix);
        // A function of an earlier release returns no `secretName`.
        if (typeof old.secretName === 'string' && force !== true)
          return rotateManaged(old, old.secretName, deployment, options);
        const metadata = await successorMetadata(deployment, prefix, options);
        const stopsAt = endOfOverlap(old, overlap);
        const end = stopsAt === undefined ? 'immediately' : `at ${stopsAt}`;
        await confirm(`Rotate "${old.name}" (${prefix})? The old key stops working ${end}.`, options);
        const rotate = async () => ({
          ...(await deployment.keys.rotate(prefix, {
            overlap,
            expires: neverExpires === true ? null : expires,
            metadata,
            idempotencyToken,
            ...(force === true ? { force } : {}),
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

/**
 * Rotates a key through the secret that manages it.
 *
 * @throws {CommandError} if `--to-secret` does not name that secret, or an option doesn't apply
 */
async function rotateManaged(old: KeyView, secretName: string, deployment: Deployment, options: Options) {
  const { prefix } = old;
  const { toSecret, json } = options;
  const managed = `The key ${prefix} is managed by the secret "${secretName}".`;
  const command = `latchkey rotate ${prefix} --to-secret ${secretName}`;
  if (toSecret === undefined)
    throw refusal({
      code: 'managed',
      message: `${managed} Run "${command}", with "--overlap 0s" if the key leaked. With --force, the key is rotated anyway, and the secret keeps the old key.`,
      prefix,
      secretName,
    });
  if (secretNameOf(toSecret) !== secretName) throw usageError(`${managed} Run "${command}".`);
  const { overlap } = options;
  const ends = overlap !== undefined;
  if (ends && parseDuration(overlap) !== 0)
    throw usageError(`${managed} Its KeySecret sets the overlap. Leave --overlap out, or use "--overlap 0s".`);
  const given = MANAGED_FIELDS.find((name) => options[name] !== undefined);
  if (given !== undefined)
    throw usageError(`${managed} Its KeySecret sets the fields of the key, so --${kebab(given)} is not accepted.`);

  const end = ends ? 'as soon as the secret has the new key' : "when the KeySecret's overlap ends";
  await confirm(`Rotate the secret "${secretName}"? The key ${prefix} stops working ${end}.`, options);
  const { rotateSecret } = await import('../destinations/secret-rotation.ts');
  const rotated = await rotateSecret(old, deployment, clientConfig(stackLocation(options)));
  const revoked = ends ? await deployment.keys.revoke(prefix, { reason: 'rotated without an overlap' }) : undefined;
  const { record } = rotated;
  const stopsAt = revoked?.revokedAt ?? rotated.old.expiresAt;
  if (json === true) {
    printJson({
      key: null,
      storedIn: `the secret "${secretName}"`,
      record,
      oldKey: { prefix, stopsAt },
      ...(revoked === undefined ? {} : { caches: revoked.caches }),
    });
    return;
  }
  note(keyDetails(record));
  note('');
  note(`The key is in the secret "${secretName}".`);
  note(`The old key ${prefix} ${ends ? 'no longer works' : `works until ${stopsAt ?? 'it is revoked'}`}.`);
  if (revoked !== undefined) noteCaches(revoked.caches, 'the old key', `latchkey revoke ${prefix}`);
}

/** The options that a `KeySecret` decides. */
const MANAGED_FIELDS = ['expires', 'neverExpires', 'attribute', 'metadata', 'idempotencyToken'] as const;

function kebab(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
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
