/** The odd milliseconds also change a time of day. */
const AHEAD_MS = 400 * 86_400_000 + 12_345_678;

/**
 * Calls a synchronous function with a clock that is 400 days ahead, and returns its result. It finds a default of an
 * attribute that depends on the time: such a default would be computed once, during synthesis.
 *
 * `Date` is replaced for the time of the call only. Synthesis is synchronous, so no other code runs in between.
 */
export function inTheFuture<Result>(call: () => Result): Result {
  const RealDate = globalThis.Date;
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, given: unknown[], newTarget) =>
      Reflect.construct(target, given.length === 0 ? [RealDate.now() + AHEAD_MS] : given, newTarget) as object,
    apply: () => new RealDate(RealDate.now() + AHEAD_MS).toString(),
    get: (target, property) =>
      property === 'now' ? () => RealDate.now() + AHEAD_MS : (Reflect.get(target, property) as unknown),
  });
  try {
    return call();
  } finally {
    globalThis.Date = RealDate;
  }
}
