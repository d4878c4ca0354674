import type { AttributesJsonSchema } from '../../core/attributes/attributes.ts';
import type { ImportedFormat } from '../../core/keys/imported-key.ts';
import type { Plans } from '../../core/limits/limits.ts';
import type { EnforcedRestriction } from '../../core/restrictions/restrictions.ts';
import { checkInput } from '../check-input.ts';
import { noInput } from '../input.ts';
import type { Operation } from './operation.ts';

/** The settings of a deployment that clients need to create and show keys. */
export interface DeploymentSettings {
  readonly label: string;
  readonly plans: Plans;
  /** The JSON Schema of `metadata`. `null` if any metadata within the size limits is accepted. */
  readonly attributes: AttributesJsonSchema | null;
  /** Whether this Region can only read keys, because another Region writes them. */
  readonly readOnly: boolean;
  /** Whether owners can be suspended. */
  readonly ownerSuspension: boolean;
  /** The restrictions that are enforced, in addition to those to stages and times. */
  readonly restrictions: readonly EnforcedRestriction[];
  readonly importedFormats: readonly ImportedFormat[];
}

/** Returns the settings of this deployment, without reading a table. */
export const settings: Operation<DeploymentSettings> = (context, input) =>
  Promise.resolve(input).then((given) => {
    checkInput(noInput, given);
    const { label, plans, attributes = null, readOnly = false } = context.settings;
    const { ownerSuspension, restrictions, importedFormats } = context.settings;
    return { label, plans, attributes, readOnly, ownerSuspension, restrictions, importedFormats };
  });
