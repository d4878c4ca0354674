import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { ConsoleSettings } from '../../console/hosting/settings.ts';
import { overFunctions } from '../../src/client/functions-transport.ts';
import { keyClientOver, type CallOperation, type CallOptions, type KeyClient } from '../../src/client/key-client.ts';
import { FunctionFailedError, RefusedError } from '../../src/client/refused-error.ts';
import type { OperationName } from '../../src/management/operations.ts';
import { CommandError, EXIT, refusal, unreachable } from '../errors.ts';
import { awsProblem } from './aws-problem.ts';
import { faultInWords } from './fault-words.ts';

/** What a stack is called, where that is, and whether usage is counted there. */
export type Place = Pick<ConsoleSettings, 'stackName' | 'region' | 'usage'>;

/** A deployment, used with the operator's own AWS credentials. */
export interface Deployment {
  /** Where it is, for messages. */
  readonly where: string;
  readonly place: Place;
  /** Its management functions. They throw a {@link CommandError} when they refuse, or cannot be reached. */
  readonly keys: KeyClient;
  /** The same, by the name of an operation. */
  readonly call: CallOperation;
  close(): void;
}

/** A deployment whose functions are reached by Lambda's Invoke API. */
export function lambdaDeployment(options: {
  client: LambdaClient;
  where: string;
  place: Place;
  /** @throws {CommandError} if the deployment has no such function */
  functionName: (operation: OperationName) => string;
}): Deployment {
  const { client, where, place, functionName } = options;
  const invoke = overFunctions(client, functionName);
  const call: CallOperation = <Answer>(operation: OperationName, input: object, callOptions?: CallOptions) =>
    invoke<Answer>(operation, input, callOptions).catch((error: unknown) => {
      throw problemOf(error, () => `call ${functionName(operation)} in ${where}`);
    });
  return {
    where,
    place,
    keys: keyClientOver(call),
    call,
    close: () => {
      client.destroy();
    },
  };
}

function problemOf(error: unknown, attempt: () => string): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof FunctionFailedError) return unreachable(sentence(error.message));
  if (!(error instanceof RefusedError)) return awsProblem(error, attempt());
  // An input that was refused is the caller's to correct, as a flag would be.
  if (error.code !== 'invalid_input') return refusal(error.refusal);
  return new CommandError(EXIT.usage, error.refusal, error.faults.map(faultInWords));
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
