import { attributeValues } from '../src/core/attributes/attributes.ts';
import type { Metadata } from '../src/core/keys/record.ts';
import type { AttributeTexts } from './arguments.ts';
import type { Deployment } from './deployment/deployment.ts';
import { usageError } from './errors.ts';

interface MetadataOptions {
  readonly attribute?: AttributeTexts;
  readonly metadata?: Metadata;
  readonly clearMetadata?: true;
}

/** Returns the metadata of a new key from the options `--attribute` and `--metadata`. */
export async function metadataOf(
  deployment: Deployment,
  { attribute, metadata }: MetadataOptions,
): Promise<Metadata | undefined> {
  return attribute === undefined ? metadata : { ...metadata, ...(await attributesIn(deployment, attribute)) };
}

/**
 * Returns the metadata that an update sets. `--attribute` changes single fields, so the rest is read from the key, together with
 * the version that the update requires. A concurrent change is then not lost.
 */
export async function metadataChange(
  deployment: Deployment,
  prefix: string,
  { attribute, metadata, clearMetadata }: MetadataOptions,
): Promise<{ metadata?: Metadata | undefined; version?: number }> {
  if (attribute === undefined) return { metadata: clearMetadata === true ? {} : metadata };
  const attributes = await attributesIn(deployment, attribute);
  const current = await deployment.keys.get(prefix);
  return { metadata: { ...current.metadata, ...attributes }, version: current.version };
}

/** Converts attributes to the types of the deployment's schema. */
async function attributesIn({ keys }: Deployment, texts: AttributeTexts): Promise<Metadata> {
  const { attributes } = await keys.settings();
  if (attributes === null)
    throw usageError(
      'This deployment has no metadata schema. Use --metadata, or set attributes in the ApiKeys construct.',
    );
  return attributeValues(attributes, texts);
}
