import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { IssuedKey } from '../../../src/management/operations/issue-key.ts';
import type { KeyList } from '../../../src/management/operations/list.ts';

/** A deployment of the example, and how to call it. */
export interface HeroesPlace {
  readonly get: (
    path: string,
    headers?: Readonly<Record<string, string>>,
  ) => Promise<{ readonly status: number; readonly body: unknown }>;
  /** Invokes the function named by this stack output. */
  readonly invoke: (output: string, input: object) => Promise<unknown>;
  /** The token of a signed-in user, where the deployment has a user pool. */
  readonly tokenOf?: (user: string) => string;
  /** How long an authorizer result is cached. */
  readonly cacheEndsMs: number;
}

/**
 * Tests each behavior of the test project of djangorestframework-api-key. The same tests run wherever the example runs.
 *
 * @param options.retirement whether the deployment supports the IAM condition for writing an owner's item
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
  /** Waits until cached authorizer results have expired. */
  async function statusBecomes(expected: number, key: string): Promise<void> {
    const until = performance.now() + place().cacheEndsMs;
    let { status } = await get('/heroes/me', withHeroKey(key));
    while (status !== expected && performance.now() < until) {
      await delay(500);
      ({ status } = await get('/heroes/me', withHeroKey(key)));
    }
    expect(status).toBe(expected);
  }

  it('the example has a public route', async () => {
    expect(await get('/public')).toMatchObject({ status: 200, body: { message: 'Hello, stranger' } });
  });

  it('the example has a route for API keys in a custom header', async () => {
    const key = await newKey();
    expect(key).toMatch(/^app_/);
    expect((await get('/protected')).status).toBe(401);
    expect((await get('/protected', { 'x-api-key': key })).status).toBe(401);
    expect((await get('/protected', withHeroKey(key))).status).toBe(401);
    expect(await get('/protected', withKey(key))).toMatchObject({ status: 200, body: { caller: 'Mission control' } });
  });

  it('the example has a route for a key or a signed-in user, and the user can call no other route', async () => {
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

  it('the example has a second kind of key, whose context contains its hero', async () => {
    const key = await heroKey('storm', 'Storm');
    expect(key).toMatch(/^hero_/);
    expect(await get('/heroes/me', withHeroKey(key))).toMatchObject({ status: 200, body: { hero: 'Storm' } });
    const refused = await invoke('CreateHeroKeyFunctionName', { name: 'Key without a hero' });
    expect(refused).toMatchObject({ error: { code: 'invalid_input', faults: [{ field: 'metadata.hero' }] } });
  });

  it('rejects a key of one kind on the routes of the other, although they share a table', async () => {
    expect((await get('/heroes/me', withHeroKey(await newKey()))).status).toBe(401);
    expect((await get('/protected', withKey(await heroKey('rogue', 'Rogue')))).status).toBe(401);
  });

  it.runIf(retirement)('rejects the keys of a retired hero, and of no other, until the hero returns', async () => {
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

  it('the admin settings have a field for the hero, with its allowed values', async () => {
    await heroKey('beast', 'Beast');
    expect(await invoke('HeroSettingsFunctionName', {})).toMatchObject({
      label: 'hero',
      attributes: { properties: { hero: { description: 'the name of the hero that the key belongs to' } } },
    });
    const { records } = (await invoke('ListHeroKeysFunctionName', { ownerId: 'beast' })) as KeyList;
    expect(records.map(({ metadata }) => metadata)).toEqual([{ hero: 'Beast' }]);
  });
}
