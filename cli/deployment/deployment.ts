import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { ConsoleSettings } from '../../console/hosting/settings.ts';
import { overFunctions } from '../../src/client/functions-transport.ts';
import { keyClientOver, type CallOperation, type CallOptions, type KeyClient } from '../../src/client/key-client.ts';
import { FunctionFailedError, RefusedError } from '../../src/client/refused-error.ts';
import type { OperationName } from '../../src/management/operations.ts';
import { CommandError, EXIT, refusal, unreachable } from '../errors.ts';
import { awsProblem } from './aws-problem.ts';
import { faultMessage } from './input-fault.ts';

/** The name and Region of a stack, and whether it counts usage. */
export type Place = Pick<ConsoleSettings, 'stackName' | 'region' | 'usage'>;

/** A deployment, with the user's own AWS credentials. */
export interface Deployment {
  /** Its name and Region, for messages. */
  readonly where: string;
  readonly place: Place;
  /** Its management functions. They throw a {@link CommandError} if they reject the input or cannot be reached. */
  readonly keys: KeyClient;
  /** Invokes an operation by its name. */
  readonly call: CallOperation;
  close(): void;
}

/** Returns a deployment whose functions are invoked through the Lambda API. */
export function lambdaDeployment(options: {
  client: LambdaClient;
  where: string;
  place: Place;
  /** @throws {CommandError} if the deployment does not have the function */
  functionName: (operation: OperationName) => string;
  /** Where to find the logs of a function that failed. @default in CloudWatch */
  logAdvice?: string;
}): Deployment {
  const { client, where, place, functionName, logAdvice } = options;
  const invoke = overFunctions(client, functionName);
  const call: CallOperation = <Result>(operation: OperationName, input: object, callOptions?: CallOptions) =>
    invoke<Result>(operation, input, callOptions).catch((error: unknown) => {
      throw problemOf(error, () => `call ${functionName(operation)} in ${where}`, logAdvice);
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

function problemOf(error: unknown, attempt: () => string, logAdvice: string | undefined): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof FunctionFailedError)
    return unreachable(
      logAdvice === undefined ? sentence(error.message) : `The function ${error.functionName} failed. ${logAdvice}`,
    );
  if (!(error instanceof RefusedError)) return awsProblem(error, attempt());
  // An invalid input is a usage error, like an invalid flag.
  if (error.code !== 'invalid_input') return refusal(error.refusal);
  return new CommandError(EXIT.usage, error.refusal, error.faults.map(faultMessage));
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
