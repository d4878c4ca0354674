import type { AuthorizerContext } from '../../gateway/context.ts';
import { isCustomField, type RESERVED_FIELDS } from '../../gateway/context-fields.ts';
import { redact } from './redact.ts';
import { TimeoutError, withTimeout } from '../../storage/with-timeout.ts';

/** How long code of a team's own may take, by default: within what the function itself has, beside a look-up. */
export const HOOK_TIMEOUT_MS = 1500;

/** Code of a team's own has failed: what it was, and how, for the log. */
export class HookError extends Error {
  override readonly name = 'HookError';
}

/**
 * Calls code of a team's own, which may throw, hang, or answer at once or later.
 *
 * @param options.secrets are taken out of what it throws, for that goes into the log
 * @throws {HookError} if it throws
 * @throws {TimeoutError} if it does not answer in time
 */
export async function callHook<Answer>(
  name: string,
  hook: () => Answer | Promise<Answer>,
  { timeoutMs = HOOK_TIMEOUT_MS, secrets = [] }: { timeoutMs?: number | undefined; secrets?: readonly string[] } = {},
): Promise<Answer> {
  try {
    return await withTimeout(name, timeoutMs, hook);
  } catch (error) {
    if (error instanceof TimeoutError) throw error;
    if (error instanceof HookError) throw new HookError(redact(error.message, secrets));
    throw new HookError(`${name} threw ${redact(String(error), secrets)}`);
  }
}

/** What a team's own code may add to the context: flat, and none of Latchkey's own names. */
export type OwnContext = AuthorizerContext & Readonly<Partial<Record<(typeof RESERVED_FIELDS)[number], never>>>;

/**
 * Checks what a team's own code wants in the context: with anything else in it API Gateway would answer 500.
 *
 * @throws {HookError} naming the field
 */
export function checkContext<Context>(context: Context): Context & AuthorizerContext {
  if (!isPlainObject(context))
    throw new HookError(
      'context must be a plain object of strings, finite numbers and booleans; a Map, a Date, an array, a promise or an instance of a class would reach the API empty',
    );
  for (const [field, value] of Object.entries<unknown>({ ...context })) {
    if (!isCustomField(field))
      throw new HookError(`context has the field "${field}", which is taken or no name: letters, digits, underscores`);
    if (!['string', 'boolean'].includes(typeof value) && !Number.isFinite(value))
      throw new HookError(
        `context has in "${field}" a value that is not a string, a finite number or a boolean; API Gateway accepts no other: convert it, or leave the field out`,
      );
  }
  return context as Context & AuthorizerContext;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
