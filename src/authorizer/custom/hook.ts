import type { AuthorizerContext } from '../../gateway/context.ts';
import { isCustomField, type RESERVED_FIELDS } from '../../gateway/context-fields.ts';
import { redact } from './redact.ts';
import { TimeoutError, withTimeout } from '../../storage/with-timeout.ts';

/** The default time limit of a hook, in milliseconds. With a look-up it is within the time limit of the function. */
export const HOOK_TIMEOUT_MS = 1500;

/** A hook failed. The message is for the log: it names the hook and the reason, without credentials. */
export class HookError extends Error {
  override readonly name = 'HookError';
}

/**
 * Calls a hook, which may throw or hang.
 *
 * @param options.timeoutMs the time limit, in milliseconds. @default 1500
 * @param options.secrets removed from the message of what the hook throws, because it is logged
 * @throws {HookError} if the hook throws
 * @throws {TimeoutError} if the hook exceeds the time limit
 */
export async function callHook<Result>(
  name: string,
  hook: () => Result | Promise<Result>,
  { timeoutMs = HOOK_TIMEOUT_MS, secrets = [] }: { timeoutMs?: number | undefined; secrets?: readonly string[] } = {},
): Promise<Result> {
  try {
    return await withTimeout(name, timeoutMs, hook);
  } catch (error) {
    if (error instanceof TimeoutError) throw error;
    if (error instanceof HookError) throw new HookError(redact(error.message, secrets));
    throw new HookError(`${name} threw ${redact(String(error), secrets)}`);
  }
}

/** The fields that a hook may add to the context: strings, numbers and booleans, without the reserved names. */
export type CustomContext = AuthorizerContext & Readonly<Partial<Record<(typeof RESERVED_FIELDS)[number], never>>>;

/**
 * Checks the fields that a hook adds to the context. For an invalid context, API Gateway would return 500 without a reason.
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
      throw new HookError(
        `context has the field "${field}", which is reserved or invalid; accepted: letters, digits and underscores, starting with a letter`,
      );
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
