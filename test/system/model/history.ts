import fc from 'fast-check';

/**
 * An accident of an operation at its first or second write. `unsent`, `lost`: the connection breaks before or after
 * DynamoDB applied the write, and the client retries. `dies before`, `dies after`: the process dies before or after the
 * write.
 */
export interface Accident {
  readonly what: 'unsent' | 'lost' | 'dies before' | 'dies after';
  readonly write: 1 | 2;
}

/** An operation. Keys are referred to by number, in the order of their creation. */
export type Deed =
  | { readonly does: 'create'; readonly expires?: string; readonly token?: string }
  | {
      readonly does: 'update';
      readonly key: number;
      readonly change: 'name' | 'scopes' | 'expires' | 'no expiry';
      readonly insists: 'on nothing' | 'on the version' | 'on an old version';
    }
  | { readonly does: 'rotate'; readonly key: number; readonly overlap: string; readonly token?: string }
  | { readonly does: 'revoke'; readonly key: number; readonly reason?: string }
  | { readonly does: 'disable'; readonly key: number; readonly reason?: string }
  | { readonly does: 'enable'; readonly key: number }
  | { readonly does: 'import a foreign key' }
  /** Imports the key as it was when it was created, like a backup. */
  | { readonly does: 'import'; readonly key: number }
  | { readonly does: 'verify'; readonly key: number; readonly secret: 'right' | 'wrong' }
  | { readonly does: 'use'; readonly key: number; readonly secret: 'right' | 'wrong' };

export interface Act {
  readonly deed: Deed;
  readonly accident?: Accident | undefined;
}

/** One step of a history: time passes, TTL may delete items, and then all acts start concurrently. */
export interface Scene {
  readonly elapsedMs: number;
  readonly sweeps: boolean;
  readonly acts: readonly Act[];
}
export type History = readonly Scene[];

const key = fc.nat({ max: 5 });
const token = fc.option(fc.constantFrom('a', 'b'), { nil: undefined, freq: 1 });
const secret = fc.constantFrom('right', 'right', 'right', 'wrong');

const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record(
      {
        does: fc.constant('create'),
        expires: fc.option(fc.constantFrom('1s', '30s', '900s'), { nil: undefined }),
        token,
      },
      { requiredKeys: ['does'] },
    ),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('update'),
      key,
      change: fc.constantFrom('name', 'scopes', 'expires', 'no expiry'),
      insists: fc.constantFrom('on nothing', 'on the version', 'on an old version'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record(
      { does: fc.constant('rotate'), key, overlap: fc.constantFrom('0s', '1s', '30s', '5000s'), token },
      { requiredKeys: ['does', 'key', 'overlap'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      { does: fc.constant('revoke'), key, reason: fc.constantFrom('leaked', 'left') },
      { requiredKeys: ['does', 'key'] },
    ),
  },
  {
    weight: 2,
    arbitrary: fc.record(
      { does: fc.constant('disable'), key, reason: fc.constantFrom('unpaid', 'abuse') },
      { requiredKeys: ['does', 'key'] },
    ),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('enable'), key }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('import a foreign key') }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('import'), key }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('verify'), key, secret }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('use'), key, secret }) },
);

const accident: fc.Arbitrary<Accident> = fc.record({
  what: fc.constantFrom('unsent', 'lost', 'dies before', 'dies after'),
  write: fc.constantFrom(1, 1, 1, 2),
});

const scene: fc.Arbitrary<Scene> = fc.record({
  elapsedMs: fc.constantFrom(0, 1, 999, 1000, 29_000, 900_000, 2_000_000),
  sweeps: fc.boolean(),
  acts: fc.array(fc.record({ deed, accident: fc.option(accident, { nil: undefined, freq: 3 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
});

export const history: fc.Arbitrary<History> = fc.array(scene, { minLength: 1, maxLength: 8 });
