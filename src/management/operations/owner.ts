import type { ManagementSettings } from '../../gateway/settings.ts';
import { NotEnabledError, OwnerNotSuspendedError } from '../errors.ts';
import { checkInput } from '../check-input.ts';
import { inputs } from '../input.ts';
import { ownerViewOf, type OwnerView } from '../owner-view.ts';
import type { Operation } from './operation.ts';
import { nameOf } from './principal.ts';

/** Returns whether an owner is suspended. Accepts any owner, because Latchkey has no list of owners. */
export const owner: Operation<OwnerView> = async ({ settings, keys }, input) => {
  const { ownerId } = checkInput(inputs.owner(), input);
  refuseWithout(settings);
  const { label } = settings;
  return ownerViewOf(label, ownerId, await keys.getOwner(label, ownerId, { consistent: true }));
};

/** Suspends an owner: all its keys are rejected until it is resumed. If it is already suspended, nothing changes. */
export const suspend: Operation<OwnerView> = async ({ settings, keys, now, caller }, input) => {
  const { ownerId, reason, by: claimed } = checkInput(inputs.suspend(), input);
  const by = nameOf(caller, claimed);
  refuseWithout(settings);
  const { label } = settings;
  const { owner } = await keys.suspendOwner({ label, ownerId, by, at: now() }, reason);
  return ownerViewOf(label, ownerId, owner);
};

/** Lifts a suspension, so that the owner's active keys work again. */
export const resume: Operation<OwnerView> = async ({ settings, keys, now, caller }, input) => {
  const { ownerId, by: claimed } = checkInput(inputs.resume(), input);
  const by = nameOf(caller, claimed);
  refuseWithout(settings);
  const { label } = settings;
  const outcome = await keys.resumeOwner({ label, ownerId, by, at: now() });
  if (outcome.outcome === 'not_suspended') throw new OwnerNotSuspendedError(ownerId);
  return ownerViewOf(label, ownerId, outcome.owner);
};

/** @throws {NotEnabledError} if the authorizer does not check suspensions, because then a suspension would have no effect */
function refuseWithout({ ownerSuspension }: ManagementSettings): void {
  if (!ownerSuspension)
    throw new NotEnabledError(
      'owners cannot be suspended in this deployment: its authorizer does not check suspensions; deploy it with ownerSuspension: true',
    );
}
