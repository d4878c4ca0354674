import { GetParameterCommand, ParameterNotFound, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { awsProblem } from '../deployment/aws-problem.ts';
import { usageError } from '../errors.ts';
import type { Destination } from './destination.ts';

/** A SecureString in Parameter Store, whose value is the key alone. It is created, unless it holds the key to replace. */
export function parameterDestination(name: string, config: { region?: string; profile?: string }): Destination {
  const client = new SSMClient(config);
  const where = `the parameter "${name}"`;
  let overwrites = false;

  return {
    where,
    reserve: async (replaces) => {
      const held = await read();
      if (held === undefined) return;
      if (replaces === undefined)
        throw usageError(
          `The parameter "${name}" already exists. Use another name, or run "latchkey rotate" with --to-parameter to replace its key.`,
        );
      if (prefixOf(held) !== replaces)
        throw usageError(
          `The parameter "${name}" does not hold the key ${replaces}. Name the parameter that does, or a new one.`,
        );
      overwrites = true;
    },
    store: async ({ key }) => {
      await client.send(
        new PutParameterCommand({ Name: name, Value: key, Type: 'SecureString', Overwrite: overwrites }),
      );
    },
    release: () => Promise.resolve(),
    close: () => {
      client.destroy();
    },
  };

  async function read(): Promise<string | undefined> {
    try {
      const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }));
      return Parameter?.Value ?? '';
    } catch (error) {
      if (error instanceof ParameterNotFound) return undefined;
      throw awsProblem(error, `read ${where}`);
    }
  }
}

/** The prefix of the key that a parameter holds: the part before the secret. */
function prefixOf(key: string): string | undefined {
  return key.split('_').at(-2);
}
