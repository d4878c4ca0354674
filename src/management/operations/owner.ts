import type { ManagementSettings } from '../../gateway/settings.ts';
import { NotEnabledError, OwnerNotSuspendedError } from '../errors.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { ownerViewOf, type OwnerView } from '../owner-view.ts';
import type { Operation } from './operation.ts';
import { nameOf } from './principal.ts';

/** Shows whether an owner is suspended. Who the owners are, only the team knows: one without keys is as good as any. */
export const owner: Operation<OwnerView> = async ({ settings, keys }, input) => {
  const { ownerId } = checkInput(inputs.owner(), input);
  refuseWithout(settings);
  const { label } = settings;
  return ownerViewOf(label, ownerId, await keys.getOwner(label, ownerId, { consistent: true }));
};

/** Ends all of an owner's keys at once, until it is resumed. Done again it changes nothing: the first time and reason stay. */
export const suspend: Operation<OwnerView> = async ({ settings, keys, now, caller }, input) => {
  const { ownerId, reason, by: claimed } = checkInput(inputs.suspend(), input);
  const by = nameOf(caller, claimed);
  refuseWithout(settings);
  const { label } = settings;
  const { owner } = await keys.suspendOwner({ label, ownerId, by, at: now() }, reason);
  return ownerViewOf(label, ownerId, owner);
};

/** Lifts a suspension: the owner's keys are again what they were. */
export const resume: Operation<OwnerView> = async ({ settings, keys, now, caller }, input) => {
  const { ownerId, by: claimed } = checkInput(inputs.resume(), input);
  const by = nameOf(caller, claimed);
  refuseWithout(settings);
  const { label } = settings;
  const outcome = await keys.resumeOwner({ label, ownerId, by, at: now() });
  if (outcome.outcome === 'not_suspended') throw new OwnerNotSuspendedError(ownerId);
  return ownerViewOf(label, ownerId, outcome.owner);
};

/** A suspension that the authorizer does not look for would be a promise that nobody keeps. */
function refuseWithout({ ownerSuspension }: ManagementSettings): void {
  if (!ownerSuspension)
    throw new NotEnabledError(
      'owners cannot be suspended in this deployment: its authorizer does not look for that; deploy it with ownerSuspension: true',
    );
}
