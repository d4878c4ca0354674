import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Refusal } from '../management/errors.ts';
import type { OperationName } from '../management/operations.ts';
import type { CallOperation, CallOptions } from './key-client.ts';
import { inputToJson } from './operation-input.ts';
import { FunctionFailedError, RefusedError } from './refused-error.ts';

/**
 * Returns a function that invokes the deployment's functions. It invokes them without a qualifier, so they take the whole
 * payload as the operation's input.
 *
 * @param functionName returns the name or ARN of an operation's function, or throws if the deployment has no such function
 */
export function overFunctions(
  client: Pick<LambdaClient, 'send'>,
  functionName: (operation: OperationName) => string,
): CallOperation {
  return async <Answer>(operation: OperationName, input: object, { signal }: CallOptions = {}) => {
    const FunctionName = functionName(operation);
    const command = new InvokeCommand({ FunctionName, Payload: inputToJson(operation, input) });
    signal?.throwIfAborted();
    const response = await client.send(command, signal === undefined ? {} : { abortSignal: signal });
    if (response.FunctionError !== undefined) throw new FunctionFailedError(FunctionName);
    const answer = objectIn(response.Payload?.transformToString());
    if (answer === undefined)
      throw new FunctionFailedError(FunctionName, 'returned something other than a JSON object');
    if (isRefusal(answer)) throw new RefusedError(answer.error);
    // The function is built from the same sources, so it returns this type.
    return answer as Answer;
  };
}

/** Returns the object in a payload, or `undefined`: another function, or a proxy, could return something else. */
function objectIn(payload: string | undefined): object | undefined {
  try {
    const value: unknown = JSON.parse(payload ?? '');
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    // The parser's message quotes the payload, which may contain a key.
    return undefined;
  }
}

function isRefusal(answer: object): answer is Refusal {
  if (!('error' in answer)) return false;
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error;
}
