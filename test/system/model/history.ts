import fc from 'fast-check';

/**
 * What befalls an operation on its way to DynamoDB, at its first or second write. `unsent` and `lost`: a connection
 * breaks before or after the write was applied, and the client tries again. `dies before`, `dies after`: the process
 * ends there and then.
 */
export interface Accident {
  readonly what: 'unsent' | 'lost' | 'dies before' | 'dies after';
  readonly write: 1 | 2;
}

/** What somebody does. Keys are meant by number, in the order in which they came to be. */
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
  | { readonly does: 'import a foreign key' }
  /** As it was when it came to be: a back-up. */
  | { readonly does: 'import'; readonly key: number }
  | { readonly does: 'verify'; readonly key: number; readonly secret: 'right' | 'wrong' }
  | { readonly does: 'use'; readonly key: number; readonly secret: 'right' | 'wrong' };

export interface Act {
  readonly deed: Deed;
  readonly accident?: Accident | undefined;
}

/** What happens at one time: time goes on, TTL may sweep, and then all acts begin at once. */
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
