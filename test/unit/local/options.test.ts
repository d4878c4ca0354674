import { describe, expect, it } from 'vitest';
import { parseOptions, USAGE } from '../../../local/options.ts';

describe('the options of npm start', () => {
  it('provides defaults for the options of npm start', () => {
    expect(parseOptions([])).toEqual({
      port: undefined,
      adminPort: undefined,
      cacheTtlSeconds: 5,
      authorizer: { importedFormats: [] },
      persist: false,
      logs: false,
      help: false,
    });
  });

  it('parses every option of npm start, and documents it in the help text', () => {
    const flags = ['--port', '0', '--admin-port=9001', '--cache-ttl', '3600', '--imported-formats', 'drf,unkey'];
    expect(parseOptions([...flags, '--persist', '--logs', '--help'])).toEqual({
      port: 0,
      adminPort: 9001,
      cacheTtlSeconds: 3600,
      authorizer: { importedFormats: ['drf', 'unkey'] },
      persist: true,
      logs: true,
      help: true,
    });
    for (const flag of ['--port', '--admin-port', '--cache-ttl', '--imported-formats', '--persist', '--logs', '--help'])
      expect(USAGE).toContain(flag);
  });

  it.each([
    [['--prot', '1'], 'Unknown option \'--prot\'. Run "npm start -- --help" for the options.'],
    [['--port'], 'Option \'--port <value>\' argument missing. Run "npm start -- --help" for the options.'],
    [['--port', 'abc'], '--port: "abc" is not valid. Use a whole number from 0 to 65535.'],
    [['--port', '65536'], '--port: "65536" is not valid. Use a whole number from 0 to 65535.'],
    [['--cache-ttl', '3601'], '--cache-ttl: "3601" is not valid. Use a whole number from 0 to 3600.'],
    [['--imported-formats', 'drf,x'], '--imported-formats: "x" is not a format. Use one or more of drf, '],
    [['--cache-ttl', '1.5'], '--cache-ttl: "1.5" is not valid. Use a whole number from 0 to 3600.'],
  ])('rejects the options %j with a message that says what is accepted', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
