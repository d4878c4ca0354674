import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  isOrigin,
  isSourceIp,
  isStageName,
  restrictionDenial,
  unenforced,
} from '../../../../src/core/restrictions/restrictions.ts';

const within = (sourceIp: string, range: string) =>
  restrictionDenial({ sourceIps: [range] }, { sourceIp }, ['sourceIp']) === undefined;

/** The bits of an address, computed independently of the library under test. */
const bitsOf4 = (address: string) =>
  address.split('.').reduce((bits, part) => bits + Number(part).toString(2).padStart(8, '0'), '');
const bitsOf6 = (groups: readonly number[]) => groups.map((group) => group.toString(2).padStart(16, '0')).join('');
const text6 = (groups: readonly number[]) => groups.map((group) => group.toString(16)).join(':');

describe('source IP restrictions', () => {
  it('matches an IPv4 address exactly if its leading bits are those of the range', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.ipV4(), fc.integer({ min: 0, max: 32 }), fc.boolean(), (some, other, length, near) => {
        // Random addresses rarely share leading bits, so every second one starts with the bits of the range.
        const shared = bitsOf4(some).slice(0, length) + bitsOf4(other).slice(length);
        const address = near
          ? [0, 8, 16, 24].map((start) => parseInt(shared.slice(start, start + 8), 2)).join('.')
          : other;
        const expected = bitsOf4(address).slice(0, length) === bitsOf4(some).slice(0, length);
        expect(within(address, `${some}/${String(length)}`)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  const groups = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
  it('matches an IPv6 address exactly if its leading bits are those of the range', () => {
    fc.assert(
      fc.property(groups, groups, fc.integer({ min: 0, max: 128 }), fc.boolean(), (some, other, length, near) => {
        const shared = bitsOf6(some).slice(0, length) + bitsOf6(other).slice(length);
        const address = near ? some.map((_, i) => parseInt(shared.slice(i * 16, i * 16 + 16), 2)) : other;
        // IPv4 addresses in IPv6 notation follow another rule.
        fc.pre(![some, address].some((one) => one.slice(0, 5).every((group) => group === 0)));
        const expected = bitsOf6(address).slice(0, length) === bitsOf6(some).slice(0, length);
        expect(within(text6(address), `${text6(some)}/${String(length)}`)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.8', '192.0.2.7', false],
    ['10.255.255.255', '10.0.0.0/8', true],
    ['11.0.0.0', '10.0.0.0/8', false],
    ['2001:db8:0::5', '2001:DB8::/32', true],
    ['2001:db9::', '2001:db8::/32', false],
    ['192.0.2.7', '2001:db8::/32', false],
    ['2001:db8::1', '0.0.0.0/0', false],
    ['', '0.0.0.0/0', false],
    ['unknown', '0.0.0.0/0', false],
    ['10.0.0.0/8', '10.0.0.0/8', false],
    // An IPv6 range matches no IPv4 caller, in either notation of the address.
    ['192.0.2.7', '::/0', false],
    ['::ffff:192.0.2.7', '::/0', false],
    ['192.0.2.7', '::/64', false],
    ['2001:db8::1', '::/0', true],
    ['::ffff:192.0.2.7', '192.0.2.0/24', true],
    ['::ffff:192.0.3.7', '192.0.2.0/24', false],
    // Ranges that earlier releases accepted.
    ['192.0.2.7', '::ffff:0:0/96', true],
    ['192.0.2.7', '::ffff:192.0.2.0/120', true],
    ['192.0.3.7', '::ffff:192.0.2.0/120', false],
    ['2001:db8::1', '::ffff:0:0/96', false],
  ])('checks whether the address %j is within %s: %s', (address, range, expected) => {
    expect(within(address, range)).toBe(expected);
  });

  it('accepts addresses and ranges, and no other text, as source IP restrictions', () => {
    for (const good of ['1.2.3.4', '1.2.3.4/32', '0.0.0.0/0', '::1', '::/0', '2001:db8::/128']) {
      expect(isSourceIp(good), good).toBe(true);
    }
    for (const bad of [
      '',
      '1.2.3',
      '1.2.3.256',
      '1.2.3.4/33',
      '::/129',
      '1.2.3.4/08',
      '1.2.3.4/',
      '1.2.3.4/8/8',
      'fe80::1%eth0',
      '01.2.3.4',
      'host',
      '1.2.3.4/-1',
      '1.2.3.4/8 ',
      '::ffff:0:0/96',
      '::ffff:192.0.2.7',
      '::FFFF:c000:0207/128',
      '0:0:0:0:0:ffff:10.0.0.0/104',
    ]) {
      expect(isSourceIp(bad), bad).toBe(false);
    }
  });

  it('never throws, and matches a source IP restriction only for a valid address', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (address, range) => {
        expect(typeof isSourceIp(range)).toBe('boolean');
        expect(within(address, isSourceIp(range) ? range : '10.0.0.0/8')).toBe(
          isSourceIp(address) && within(address, range),
        );
      }),
    );
  });
});

describe('origin restrictions', () => {
  const from = (origin: string, ...origins: string[]) =>
    restrictionDenial({ origins }, { origin }, ['origin']) === undefined;

  it('matches the same origin, and subdomains with a star', () => {
    expect(from('https://app.example.com', 'https://app.example.com')).toBe(true);
    expect(from('https://a.example.com', 'https://*.example.com')).toBe(true);
    expect(from('https://a.b.example.com', 'https://x.example', 'https://*.example.com')).toBe(true);
    expect(from('http://localhost:3000', 'http://localhost:3000')).toBe(true);
    for (const origin of [
      'https://example.com',
      'https://.example.com',
      'http://app.example.com',
      'https://app.example.com:8443',
      'https://app.example.com.evil.com',
      'https://evilexample.com',
      'https://evil.com/.example.com',
      'https://evil.com#.example.com',
      'https://evil.com?.example.com',
      'https://user@evil.com/x.example.com',
      'null',
      '',
      'x.example.com',
    ]) {
      expect(from(origin, 'https://*.example.com'), origin).toBe(origin === 'https://app.example.com');
    }
  });

  it('matches the origin of a URL if there is no origin', () => {
    const pattern = 'https://app.example.com';
    expect(from('https://app.example.com/page?x=1', pattern)).toBe(true);
    expect(from('https://evil.com/https://app.example.com', pattern)).toBe(false);
    expect(from('null', pattern)).toBe(false);
    expect(from('', pattern)).toBe(false);
  });

  it('accepts origins and patterns, and no other text, as origin restrictions', () => {
    for (const good of [
      'https://app.example.com',
      'http://localhost:3000',
      'https://*.example.com',
      'http://*.example.com:8080',
      'https://[::1]:8443',
    ]) {
      expect(isOrigin(good), good).toBe(true);
    }
    for (const bad of [
      '*',
      'https://*',
      'app.example.com',
      'https://app.example.com/',
      'https://App.example.com',
      'https://app.example.com:443',
      'ftp://example.com',
      'https://a.*.com',
      'https://*.*.com',
      'https://',
      'https://[',
      'https://a b.com',
      'https://user@app.example.com',
      'xhttps://app.example.com',
      'null',
      '',
    ]) {
      expect(isOrigin(bad), bad).toBe(false);
    }
  });
});

const BOTH = ['sourceIp', 'origin'] as const;

describe('restrictionDenial', () => {
  const all = { stages: ['prod'], sourceIps: ['192.0.2.0/24'], origins: ['https://app.example.com'] };
  const good = { stage: 'prod', sourceIp: '192.0.2.1', origin: 'https://app.example.com' };

  it('returns the violated restriction: the stage before the address, and the address before the origin', () => {
    expect(restrictionDenial(all, good, BOTH)).toBeUndefined();
    expect(restrictionDenial(all, { ...good, origin: 'https://evil.com' }, BOTH)).toBe('origin');
    expect(restrictionDenial(all, { ...good, origin: 'https://evil.com', sourceIp: '198.51.100.1' }, BOTH)).toBe(
      'source_ip',
    );
    expect(restrictionDenial(all, { stage: '', sourceIp: '', origin: '' }, BOTH)).toBe('stage');
  });

  it('does not check a part of the request that is not known', () => {
    expect(restrictionDenial(all, {}, BOTH)).toBeUndefined();
    expect(restrictionDenial(all, { sourceIp: '' }, BOTH)).toBe('source_ip');
    expect(restrictionDenial(all, { origin: '' }, BOTH)).toBe('origin');
  });

  it('compares the whole name of the stage', () => {
    expect(restrictionDenial({ stages: ['prod', '$default'] }, { stage: 'prod' }, [])).toBeUndefined();
    expect(restrictionDenial({ stages: ['prod'] }, { stage: 'production' }, [])).toBe('stage');
    expect(restrictionDenial({ stages: ['prod'] }, { stage: '' }, [])).toBe('stage');
    expect(['prod', '$default', 'a-b_1'].every(isStageName)).toBe(true);
    expect(['', '$connect', 'a/b', 'x'.repeat(129)].some(isStageName)).toBe(false);
  });

  it('denies every request with a key that has a restriction the deployment does not enforce', () => {
    expect(restrictionDenial(all, good, ['sourceIp'])).toBe('unenforced');
    expect(restrictionDenial(all, good, ['origin'])).toBe('unenforced');
    expect(restrictionDenial({ stages: ['prod'] }, good, [])).toBeUndefined();
    expect(unenforced(all, [])).toBe('sourceIp');
    expect(unenforced({ origins: [] }, ['sourceIp'])).toBe('origin');
  });

  it.each([
    null,
    'x',
    7,
    true,
    [],
    { sourceIps: '1.2.3.4' },
    { sourceIps: ['x'] },
    { sourceIps: ['1.2.3.4', 'x'] },
    { origins: [7] },
    { origins: ['https://app.example.com', 7] },
    { stages: [''] },
    { stages: ['prod', ''] },
    { countries: ['CH'] },
  ])('denies a key whose stored restrictions are damaged or of a later version: %j', (damaged) => {
    expect(restrictionDenial(damaged, { stage: 'prod', sourceIp: '1.2.3.4' }, BOTH)).toBe('corrupt');
  });
});
