import { checkInput } from '../check-input.ts';
import { KeyEndedError, KeyNotFoundError } from '../errors.ts';
import { inputs, prefixInput } from '../input.ts';
import { viewOf, type KeyView } from '../view.ts';
import { existingKey } from './get.ts';
import type { FlushTime } from './flushing.ts';
import type { Operation } from './operation.ts';
import { nameOf } from './principal.ts';

/** Disables a key until it is enabled. If the key is already disabled, its time, reason and principal don't change. */
export const disable: Operation<KeyView> = async (context, input) => {
  const { prefix, reason, by } = checkInput(inputs.disable(), input);
  const name = nameOf(context.caller, by);
  await existingKey(context, prefix);
  const time = context.now();
  const outcome = await context.keys.disable(prefix, { at: time, by: name, reason });
  if (outcome.outcome === 'not_found') throw new KeyNotFoundError(prefix);
  if (outcome.outcome === 'revoked') throw revokedError(prefix);
  return viewOf(outcome.record, time);
};

/** Enables a key. If the key is not disabled, nothing changes. */
export const enable: Operation<KeyView> = async (context, input) => {
  const { prefix } = checkInput(prefixInput, input);
  await existingKey(context, prefix);
  const outcome = await context.keys.enable(prefix);
  if (outcome.outcome === 'not_found') throw new KeyNotFoundError(prefix);
  if (outcome.outcome === 'revoked') throw revokedError(prefix);
  return viewOf(outcome.record, context.now());
};

/** Returns when to flush the caches after a key is disabled: now, unless the input has `flush: false`. */
export function flushTimeOfDisabling(input: unknown): FlushTime {
  return checkInput(inputs.disable(), input).flush ? 'now' : 'later';
}

function revokedError(prefix: string): KeyEndedError {
  return new KeyEndedError('revoked', `the key ${prefix} is revoked, which is final; create a new one`);
}
