import type { AttributesJsonSchema } from '../../core/attributes/attributes.ts';
import type { ImportedFormat } from '../../core/keys/imported-key.ts';
import type { Plans } from '../../core/limits/limits.ts';
import type { EnforcedRestriction } from '../../core/restrictions/restrictions.ts';
import { checkInput } from '../check-input.ts';
import { noInput } from '../input.ts';
import type { Operation } from './operation.ts';

/** What a deployment's keys can be, for whoever shows or makes them. */
export interface DeploymentSettings {
  readonly label: string;
  readonly plans: Plans;
  /** What `metadata` must be like, as JSON Schema; `null`: anything that fits. */
  readonly attributes: AttributesJsonSchema | null;
  /** Whether keys are written in another Region, and only read here. */
  readonly readOnly: boolean;
  /** Whether owners can be suspended. */
  readonly ownerSuspension: boolean;
  /** What keys can be restricted to, beside stages and times. */
  readonly restrictions: readonly EnforcedRestriction[];
  readonly importedFormats: readonly ImportedFormat[];
}

/** Tells what the keys of this deployment can be. Reads no table. */
export const settings: Operation<DeploymentSettings> = (context, input) =>
  Promise.resolve(input).then((given) => {
    checkInput(noInput, given);
    const { label, plans, attributes = null, readOnly = false } = context.settings;
    const { ownerSuspension, restrictions, importedFormats } = context.settings;
    return { label, plans, attributes, readOnly, ownerSuspension, restrictions, importedFormats };
  });
