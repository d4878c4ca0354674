import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import type { KeyList } from '../../../src/management/operations/list.ts';

/** Where the example is, and what of it can be called. */
export interface HeroesPlace {
  readonly get: (
    path: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly status: number; readonly body: unknown }>;
  /** Calls the function that the stack puts out under this name. */
  readonly invoke: (output: string, input: object) => Promise<unknown>;
  /** A token of a user who has signed in, where somebody can. */
  readonly tokenOf?: (user: string) => string;
  /** How long an answer may be cached. */
  readonly cacheEndsMs: number;
}

/**
 * The test project of djangorestframework-api-key, each behaviour of it: the same wherever the example runs.
 *
 * @param options.retirement whether the place knows the IAM condition under which an owner's item may be written
 */
export function heroesSuite(place: () => HeroesPlace, { retirement = true } = {}): void {
  const get: HeroesPlace['get'] = (...args) => place().get(...args);
  const invoke: HeroesPlace['invoke'] = (...args) => place().invoke(...args);
  const withKey = (key: string) => ({ 'x-heroes-key': key });
  const withHeroKey = (key: string) => ({ authorization: `Api-Key ${key}` });

  async function newKey(): Promise<string> {
    return ((await invoke('CreateFunctionName', { name: 'Mission control' })) as IssuedKey).key ?? '';
  }
  async function heroKey(heroId: string, hero: string): Promise<string> {
    const input = { name: `Key of ${hero}`, ownerId: heroId, metadata: { hero } };
    return ((await invoke('CreateHeroKeyFunctionName', input)) as IssuedKey).key ?? '';
  }
  /** Waits until the cache has forgotten what it knew. */
  async function statusBecomes(expected: number, key: string): Promise<void> {
    const until = performance.now() + place().cacheEndsMs;
    let { status } = await get('/heroes/me', withHeroKey(key));
    while (status !== expected && performance.now() < until) {
      await delay(500);
      ({ status } = await get('/heroes/me', withHeroKey(key)));
    }
    expect(status).toBe(expected);
  }

  it('has a public route', async () => {
    expect(await get('/public')).toMatchObject({ status: 200, body: { message: 'Hello, stranger' } });
  });

  it('has a route for API keys, in a header of its own', async () => {
    const key = await newKey();
    expect(key).toMatch(/^app_/);
    expect((await get('/protected')).status).toBe(401);
    expect((await get('/protected', { 'x-api-key': key })).status).toBe(401);
    expect((await get('/protected', withHeroKey(key))).status).toBe(401);
    expect(await get('/protected', withKey(key))).toMatchObject({ status: 200, body: { caller: 'Mission control' } });
  });

  it('has a route for a key or a signed-in user, who may call no other', async () => {
    expect((await get('/either')).status).toBe(401);
    expect(await get('/either', withKey(await newKey()))).toMatchObject({
      status: 200,
      body: { by: 'apiKey', caller: 'Mission control' },
    });
    const { tokenOf } = place();
    if (tokenOf === undefined) return;
    const signedIn = { authorization: `Bearer ${tokenOf('ororo')}` };
    expect(await get('/either', signedIn)).toMatchObject({ status: 200, body: { by: 'jwt', caller: 'ororo' } });
    expect((await get('/protected', signedIn)).status).toBe(403);
    expect((await get('/heroes/me', signedIn)).status).toBe(401);
    expect((await get('/either', { authorization: 'Bearer nonsense' })).status).toBe(401);
  });

  it('has a second kind of key, which knows its hero', async () => {
    const key = await heroKey('storm', 'Storm');
    expect(key).toMatch(/^hero_/);
    expect(await get('/heroes/me', withHeroKey(key))).toMatchObject({ status: 200, body: { hero: 'Storm' } });
    const refused = await invoke('CreateHeroKeyFunctionName', { name: 'Key of nobody' });
    expect(refused).toMatchObject({ error: { code: 'invalid_input', faults: [{ field: 'metadata.hero' }] } });
  });

  it('opens no route of one kind to a key of the other, though they share a table', async () => {
    expect((await get('/heroes/me', withHeroKey(await newKey()))).status).toBe(401);
    expect((await get('/protected', withKey(await heroKey('rogue', 'Rogue')))).status).toBe(401);
  });

  it.runIf(retirement)('ends the keys of a hero that retires, and of no other, until it comes back', async () => {
    const [retired, other] = [await heroKey('logan', 'Wolverine'), await heroKey('jean', 'Jean Grey')];
    await statusBecomes(200, retired);
    expect(await invoke('RetireFunctionName', { heroId: 'logan', retired: true })).toEqual({
      heroId: 'logan',
      suspended: true,
    });
    await statusBecomes(403, retired);
    await statusBecomes(200, other);
    expect(await invoke('RetireFunctionName', { heroId: 'logan', retired: false })).toMatchObject({ suspended: false });
    await statusBecomes(200, retired);
  });

  it('has a column for the hero in the admin: the field, told with its values', async () => {
    await heroKey('beast', 'Beast');
    expect(await invoke('HeroSettingsFunctionName', {})).toMatchObject({
      label: 'hero',
      attributes: { properties: { hero: { description: 'the name of the hero that the key belongs to' } } },
    });
    const { records } = (await invoke('ListHeroKeysFunctionName', { ownerId: 'beast' })) as KeyList;
    expect(records.map(({ metadata }) => metadata)).toEqual([{ hero: 'Beast' }]);
  });
}
