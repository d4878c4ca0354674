import { useQueries, type QueryClient } from '@tanstack/react-query';
import type { Keys, KeyView, OwnerView } from '../api/keys.ts';
import type { ConsoleSettings } from '../hosting/settings.ts';
import { decidedStatus, type DecidedStatus, type OwnerState } from '../keys/decided-status.ts';
import { useConsole } from '../layout/console-context.ts';

/** The cache key of an owner. */
export function ownerQuery(ownerId: string): readonly string[] {
  return ['owners', ownerId];
}

/** Each owner takes a request, so the state of further owners is `unknown`. */
export const MAX_OWNERS_READ = 100;

interface ReadOptions {
  readonly keys: Keys;
  readonly settings: ConsoleSettings;
  readonly queries: QueryClient;
}

/** Reads whether the owners of keys are suspended, outside of a component. */
export async function readOwnerStates(
  records: readonly Pick<KeyView, 'ownerId'>[],
  { keys, settings, queries }: ReadOptions,
): Promise<(ownerId: string | null) => OwnerState> {
  const read = settings.ownerSuspension ? ownersOf(records) : [];
  const states = await Promise.all(
    read.map(async (id): Promise<[string, OwnerState]> => {
      const owner = await queries
        .query({ queryKey: ownerQuery(id), queryFn: () => keys.owner(id) })
        .catch(() => undefined);
      return [id, owner === undefined ? 'unknown' : owner.suspended ? 'suspended' : 'not suspended'];
    }),
  );
  return lookUp(new Map(states), settings);
}

/** Reads whether the owners of keys are suspended, and returns a function for the state of one key's owner. */
export function useOwnerStates(records: readonly Pick<KeyView, 'ownerId'>[]): (ownerId: string | null) => OwnerState {
  const { keys, settings } = useConsole();
  const read = settings.ownerSuspension ? ownersOf(records) : [];
  const results = useQueries({
    queries: read.map((id) => ({ queryKey: ownerQuery(id), queryFn: () => keys.owner(id) })),
  });
  return lookUp(new Map(read.map((id, index) => [id, stateOf(results[index])])), settings);
}

function ownersOf(records: readonly Pick<KeyView, 'ownerId'>[]): readonly string[] {
  const owners = new Set(records.flatMap(({ ownerId }) => (ownerId === null ? [] : [ownerId])));
  return [...owners].slice(0, MAX_OWNERS_READ);
}

function lookUp(states: ReadonlyMap<string, OwnerState>, { ownerSuspension }: ConsoleSettings) {
  return (ownerId: string | null): OwnerState => {
    if (ownerId === null || !ownerSuspension) return 'not suspended';
    return states.get(ownerId) ?? 'unknown';
  };
}

/** Returns a function for the status that the authorizer would decide for one of the keys. */
export function useDecidedStatuses(records: readonly KeyView[]): (record: KeyView) => DecidedStatus | undefined {
  const { settings } = useConsole();
  const ownerState = useOwnerStates(records);
  return (record) => decidedStatus(record, settings, ownerState(record.ownerId), Date.now());
}

function stateOf(result: { readonly data: OwnerView | undefined; readonly error: unknown } | undefined): OwnerState {
  if (result?.data !== undefined) return result.data.suspended ? 'suspended' : 'not suspended';
  return result?.error === null ? 'loading' : 'unknown';
}
