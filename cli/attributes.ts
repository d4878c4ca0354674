import { attributeValues } from '../src/core/attributes/attributes.ts';
import type { Metadata } from '../src/core/keys/record.ts';
import type { UpdateInput } from '../src/management/input-types.ts';
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

/** Returns the change of a key's metadata for `update`, which merges it. */
export async function metadataChange(
  deployment: Deployment,
  { attribute, metadata, clearMetadata, replaceMetadata }: MetadataOptions & { readonly replaceMetadata?: true },
): Promise<Pick<UpdateInput, 'metadata' | 'replaceMetadata'>> {
  if (clearMetadata === true) return { metadata: null };
  const given = await metadataOf(deployment, { attribute, metadata });
  return { metadata: given, ...(replaceMetadata === true && { replaceMetadata }) };
}

/** Returns all metadata of the successor of a key for `rotate`, or `undefined` to keep the key's metadata. */
export async function successorMetadata(
  deployment: Deployment,
  prefix: string,
  { attribute, metadata, clearMetadata }: MetadataOptions,
): Promise<Metadata | undefined> {
  if (attribute === undefined) return clearMetadata === true ? {} : metadata;
  const attributes = await attributesIn(deployment, attribute);
  const current = await deployment.keys.get(prefix);
  return { ...current.metadata, ...attributes };
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
