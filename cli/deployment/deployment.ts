import { GetFunctionConfigurationCommand, InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { z } from 'zod';
import type { AttributeSchema, ConsoleSettings } from '../../console/hosting/settings.ts';
import { fromEnvironment } from '../../functions/domain/settings.ts';
import type { OperationName } from '../../functions/manage/operation-names.ts';
import { CommandError, EXIT, refusal, unreachable } from '../errors.ts';
import { awsProblem, isDenied } from './aws-problem.ts';

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
  /**
   * What the construct has decided, from the environment of the function that creates keys. Without permission to look at
   * that, only what is known otherwise: `label` is `null`, and no plans are named.
   *
   * @throws {CommandError} if it cannot be reached
   */
  settings(): Promise<ConsoleSettings>;
  close(): void;
}

const refusalSchema = z.object({
  error: z.looseObject({ code: z.string(), message: z.string(), faults: z.array(z.unknown()).optional() }),
});

/** A deployment whose functions are reached by Lambda's Invoke API. */
export function lambdaDeployment(options: {
  client: LambdaClient;
  where: string;
  /** What its stack is called, where that is, and whether usage is counted there. */
  place: Pick<ConsoleSettings, 'stackName' | 'region' | 'usage'>;
  /** @throws {CommandError} if the deployment has no such function */
  functionName: (operation: OperationName) => string;
}): Deployment {
  const { client, where, place, functionName } = options;
  return {
    where,
    async settings() {
      const FunctionName = functionName('create');
      const environment = await client
        .send(new GetFunctionConfigurationCommand({ FunctionName }))
        .then(({ Environment }) => Environment?.Variables)
        .catch((error: unknown) => {
          if (isDenied(error)) return undefined;
          throw awsProblem(error, `look at ${FunctionName} in ${where}`);
        });
      if (environment === undefined) return { ...place, label: null, plans: {}, readOnly: false };
      const { label, plans, readOnly = false, ...others } = fromEnvironment(environment).settings;
      // The construct has written it, as a JSON Schema; a deployment without attributes has none.
      const attributes = 'attributes' in others ? (others.attributes as AttributeSchema) : undefined;
      return { ...place, label, plans, readOnly, attributes };
    },
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
