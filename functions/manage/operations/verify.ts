import { decide, underOwner, underPlan, type DenialReason } from '../../domain/decision.ts';
import { readKey } from '../../domain/imported-key.ts';
import { allowPolicy, permits } from '../../domain/policy.ts';
import type { Metadata } from '../../domain/record.ts';
import { checkInput, inputs } from '../input.ts';
import { viewOf, type KeyView } from '../view.ts';
import type { Operation } from './operation.ts';

export type Verification<Attributes = Metadata> =
  | { readonly valid: true; readonly record: KeyView<Attributes> }
  | { readonly valid: false; readonly reason: DenialReason };

/** Any stage will do: scopes say nothing of stages. */
const SOME_STAGE = 'arn:aws:execute-api:us-east-1:000000000000:api/stage';

/** Tells whether a key would be let in now and, if not, why. Notes no use. */
export const verify: Operation<Verification> = async ({ settings, keys, now }, input) => {
  const { key: text, route } = checkInput(inputs.verify(), input);
  const key = readKey(text, settings.label, settings.importedFormats);
  if (key === undefined) return { valid: false, reason: 'malformed' };

  const time = now();
  const stored = await keys.get(key.prefix, { consistent: true });
  const standing = underPlan(decide(stored, key, time), settings.plans);
  const ownerId = settings.ownerSuspension && standing.allowed ? standing.record.ownerId : undefined;
  const owner = ownerId === undefined ? undefined : await keys.getOwner(settings.label, ownerId, { consistent: true });
  const decision = underOwner(standing, owner);
  if (!decision.allowed) return { valid: false, reason: decision.reason };

  const { record } = decision;
  if (route !== undefined && record.scopes.length > 0) {
    const arn = `${SOME_STAGE}/${route.replace(' ', '')}`;
    if (!permits(allowPolicy(record.scopes, SOME_STAGE, 'nothing'), arn)) return { valid: false, reason: 'scope' };
  }
  return { valid: true, record: viewOf({ ...record, limits: stored?.limits }, time) };
};
