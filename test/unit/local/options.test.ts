import { describe, expect, it } from 'vitest';
import { parseOptions, USAGE } from '../../../local/options.ts';

describe('the command line', () => {
  it('has defaults', () => {
    expect(parseOptions([])).toEqual({
      port: 8787,
      adminPort: 8788,
      cacheTtlSeconds: 5,
      authorizer: { importedFormats: [] },
      logs: false,
      help: false,
    });
  });

  it('takes every flag, and the usage names it', () => {
    const flags = ['--port', '0', '--admin-port=9001', '--cache-ttl', '3600', '--imported-formats', 'drf,unkey'];
    expect(parseOptions([...flags, '--logs', '--help'])).toEqual({
      port: 0,
      adminPort: 9001,
      cacheTtlSeconds: 3600,
      authorizer: { importedFormats: ['drf', 'unkey'] },
      logs: true,
      help: true,
    });
    for (const flag of ['--port', '--admin-port', '--cache-ttl', '--imported-formats', '--logs', '--help'])
      expect(USAGE).toContain(flag);
  });

  it.each([
    [['--prot', '1'], "Unknown option '--prot'; --help lists the options."],
    [['--port'], "Option '--port <value>' argument missing; --help lists the options."],
    [['--port', 'abc'], '--port takes a whole number from 0 to 65535, not "abc".'],
    [['--port', '65536'], '--port takes a whole number from 0 to 65535, not "65536".'],
    [['--cache-ttl', '3601'], '--cache-ttl takes a whole number from 0 to 3600, not "3601".'],
    [['--imported-formats', 'drf,x'], '--imported-formats takes any of drf, '],
    [['--cache-ttl', '1.5'], '--cache-ttl takes a whole number from 0 to 3600, not "1.5".'],
  ])('says in one sentence what is wrong with %j', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
