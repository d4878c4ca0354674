import { attributeValues } from '../src/core/attributes/attributes.ts';
import type { Metadata } from '../src/core/keys/record.ts';
import type { Texts } from './arguments.ts';
import type { Deployment } from './deployment/deployment.ts';
import { usageError } from './errors.ts';

interface Given {
  readonly attribute?: Texts;
  readonly metadata?: Metadata;
  readonly clearMetadata?: true;
}

/** What was given of a new key, attributes and other metadata alike; the function that stores it checks it. */
export async function metadataGiven(
  deployment: Deployment,
  { attribute, metadata }: Given,
): Promise<Metadata | undefined> {
  return attribute === undefined ? metadata : { ...metadata, ...(await attributesIn(deployment, attribute)) };
}

/**
 * What of a key's metadata is to change, if anything. Attributes change by themselves, and the others stay: for the
 * version of the key that they were read from, so that nobody's change is lost.
 */
export async function metadataChanged(
  deployment: Deployment,
  prefix: string,
  { attribute, metadata, clearMetadata }: Given,
): Promise<{ metadata?: Metadata | undefined; version?: number }> {
  if (attribute === undefined) return { metadata: clearMetadata === true ? {} : metadata };
  const attributes = await attributesIn(deployment, attribute);
  const current = await deployment.keys.get(prefix);
  return { metadata: { ...current.metadata, ...attributes }, version: current.version };
}

/** Texts as the deployment's own schema means them. */
async function attributesIn({ keys }: Deployment, texts: Texts): Promise<Metadata> {
  const { attributes } = await keys.settings();
  if (attributes === null)
    throw usageError('This deployment has no schema of attributes: give ApiKeys one, or use --metadata.');
  return attributeValues(attributes, texts);
}
