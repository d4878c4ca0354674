import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import type { OperationName } from '../../functions/manage/operation-names.ts';
import { CommandError, EXIT, refusal, unreachable } from '../errors.ts';
import { awsProblem } from './aws-problem.ts';

/** The functions of a deployment, called with the operator's own AWS credentials. */
export interface Deployment {
  /** Where it is, for messages. */
  readonly where: string;
  /**
   * Calls a management function.
   *
   * @throws {CommandError} if it refuses, or cannot be reached
   */
  invoke<Answer>(operation: OperationName, input: object): Promise<Answer>;
  close(): void;
}

const refusalSchema = z.object({
  error: z.looseObject({ code: z.string(), message: z.string(), faults: z.array(z.unknown()).optional() }),
});

/** A deployment whose functions are reached by Lambda's Invoke API. */
export function lambdaDeployment(options: {
  client: LambdaClient;
  where: string;
  /** @throws {CommandError} if the deployment has no such function */
  functionName: (operation: OperationName) => string;
}): Deployment {
  const { client, where, functionName } = options;
  return {
    where,
    async invoke<Answer>(operation: OperationName, input: object): Promise<Answer> {
      const FunctionName = functionName(operation);
      const response = await client
        .send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(input) }))
        .catch((error: unknown) => {
          throw awsProblem(error, `call ${FunctionName} in ${where}`);
        });
      if (response.FunctionError !== undefined)
        throw unreachable(`The function ${FunctionName} failed; its log in CloudWatch says why.`);
      const answer: unknown = JSON.parse(response.Payload?.transformToString() ?? 'null');
      const refused = refusalSchema.safeParse(answer);
      if (refused.success) throw refusedBy(refused.data.error);
      // The function's own type of answer; it is deployed from the same sources.
      return answer as Answer;
    },
    close: () => {
      client.destroy();
    },
  };
}

/** An input that was refused is the caller's to correct, as a flag would be. */
function refusedBy(error: { code: string; message: string }): CommandError {
  return error.code === 'invalid_input' ? new CommandError(EXIT.usage, error) : refusal(error);
}
