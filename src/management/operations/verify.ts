import { decide, underOwner, underPlan, type DenialReason } from '../../core/decision/decision.ts';
import { readKey } from '../../core/keys/imported-key.ts';
import { allowPolicy, permits } from '../../core/scopes/policy.ts';
import type { Metadata } from '../../core/keys/record.ts';
import {
  judgeRestrictions,
  violated,
  type EnforcedRestriction,
  type RequestFacts,
  type Restrictions,
} from '../../core/restrictions/restrictions.ts';
import { checkInput, inputs } from '../input.ts';
import { viewOf, type KeyView } from '../view.ts';
import type { Operation } from './operation.ts';

/** Whether a key would be let in and, if not, why. An authorizer of a team's own is not asked: it may still say no. */
export type Verification<Attributes = Metadata> =
  | { readonly valid: true; readonly record: KeyView<Attributes> }
  | { readonly valid: false; readonly reason: DenialReason };

/** Any stage will do: scopes say nothing of stages. */
const SOME_STAGE = 'arn:aws:execute-api:us-east-1:000000000000:api/stage';

/**
 * Tells whether a key would be let in now and, if not, why: by its record, and by what a request is said to have. Notes no
 * use, counts nothing against its limits, and asks no code of an `authorizerEntry`, which can take away more.
 */
export const verify: Operation<Verification> = async ({ settings, keys, now }, input) => {
  const { key: text, route, ...facts } = checkInput(inputs.verify(), input);
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
  const restricted = restrictionReason(record.restrictions, facts, settings.restrictions);
  if (restricted !== undefined) return { valid: false, reason: restricted };
  if (route !== undefined) {
    const arn = `${SOME_STAGE}/${route.replace(' ', '')}`;
    const policy = allowPolicy(record.scopes, SOME_STAGE, settings.unscopedKeys ?? 'whole-stage');
    if (!permits(policy, arn)) return { valid: false, reason: 'scope' };
  }
  return { valid: true, record: viewOf({ ...record, limits: stored?.limits }, time) };
};

/** Restrictions are checked as far as the caller says what to check them against; those that are not enforced, always. */
function restrictionReason(
  restrictions: Restrictions | undefined,
  facts: RequestFacts,
  enforced: readonly EnforcedRestriction[],
): DenialReason | undefined {
  if (restrictions === undefined) return undefined;
  const verdict = judgeRestrictions(restrictions, facts, enforced);
  if (verdict === 'corrupt' || verdict === 'unenforced') return verdict;
  const { stages, sourceIps, origins } = restrictions;
  return violated(
    {
      stages: facts.stage === undefined ? undefined : stages,
      sourceIps: facts.sourceIp === undefined ? undefined : sourceIps,
      origins: facts.origin === undefined ? undefined : origins,
    },
    facts,
  );
}
