import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { Refusal } from '../errors.ts';
import type { OperationName } from '../operation-names.ts';
import type { CallOperation } from './key-client.ts';
import { FunctionFailedError, RefusedError } from './refused-error.ts';

/**
 * Has operations done by a deployment's functions.
 *
 * @param functionName the name or ARN of an operation's function; may throw if there is none
 */
export function overFunctions(
  client: Pick<LambdaClient, 'send'>,
  functionName: (operation: OperationName) => string,
): CallOperation {
  return async <Answer>(operation: OperationName, input: object) => {
    const FunctionName = functionName(operation);
    const response = await client.send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(input) }));
    if (response.FunctionError !== undefined) throw new FunctionFailedError(FunctionName);
    const answer: unknown = JSON.parse(response.Payload?.transformToString() ?? 'null');
    if (isRefusal(answer)) throw new RefusedError(answer.error);
    // The function's own type of answer; it is deployed from the same sources.
    return answer as Answer;
  };
}

function isRefusal(answer: unknown): answer is Refusal {
  if (typeof answer !== 'object' || answer === null || !('error' in answer)) return false;
  const { error } = answer;
  return typeof error === 'object' && error !== null && 'code' in error && 'message' in error;
}
