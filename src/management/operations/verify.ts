import type { RouteFacts } from '../../core/decision/checks.ts';
import { decide } from '../../core/decision/decision.ts';
import type { DenialReason } from '../../core/decision/denial-reasons.ts';
import { readKey } from '../../core/keys/imported-key.ts';
import type { Metadata } from '../../core/keys/record.ts';
import type { ManagementSettings } from '../../gateway/settings.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { viewOf, type KeyView } from '../view.ts';
import type { Operation } from './operation.ts';

/** Whether the authorizer would allow a key and, if not, why. A custom authorizer is not called and can still deny it. */
export type Verification<Attributes = Metadata> =
  | { readonly valid: true; readonly record: KeyView<Attributes> }
  | { readonly valid: false; readonly reason: DenialReason };

/** An arbitrary stage, because scopes do not depend on the stage. */
const SOME_STAGE = 'arn:aws:execute-api:us-east-1:000000000000:api/stage';

/**
 * Returns whether the authorizer would allow a key now and, if not, why. It checks the key's record, and the properties of
 * the request in the input. It does not record a use, does not count against the key's limits, and does not call the code of
 * an `authorizerEntry`, which can deny more requests.
 */
export const verify: Operation<Verification> = async ({ settings, keys, now }, input) => {
  const { key: text, route, ...request } = checkInput(inputs.verify(), input);
  const key = readKey(text, settings.label, settings.importedFormats);
  if (key === undefined) return { valid: false, reason: 'malformed' };

  const time = now();
  const decision = await decide({
    key,
    record: await keys.get(key.prefix, { consistent: true }),
    now: time,
    plans: settings.plans,
    restrictions: { enforced: settings.restrictions, request: () => request },
    owner: settings.ownerSuspension
      ? (label, ownerId) => keys.getOwner(label, ownerId, { consistent: true })
      : undefined,
    route: route === undefined ? undefined : routeFacts(route, settings),
  });
  if (!decision.allowed) return { valid: false, reason: decision.reason };
  return { valid: true, record: viewOf(decision.record, time) };
};

function routeFacts(route: string, { unscopedKeys = 'whole-stage' }: ManagementSettings): RouteFacts {
  return { stageArn: SOME_STAGE, arn: `${SOME_STAGE}/${route.replace(' ', '')}`, unscopedKeys };
}
