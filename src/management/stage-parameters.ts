import { parseStages, type ApiStage } from '../gateway/api-stage.ts';
import { CompleteResponseHandler } from '../storage/complete-response-handler.ts';

/** The longest that one attempt of a call can take, in milliseconds. */
const ATTEMPT_TIMEOUT_MS = 1000;

/** The stages that Systems Manager parameters list. */
export interface ListedStages {
  readonly stages: readonly ApiStage[];
  /** The names of the parameters that could not be read. A parameter that does not exist lists no stage. */
  readonly unread: readonly string[];
}

/**
 * Reads the stages of APIs in other stacks. Each of those stacks lists its stages in one parameter, so this stack does not
 * depend on those stacks. Each parameter is read by a separate call, so that one that can't be read does not hide the others.
 *
 * @param report called for each parameter that could not be read
 */
export async function readStageParameters(
  names: readonly string[],
  report: (name: string, error: Error) => void,
): Promise<ListedStages> {
  // Loaded on demand: only deployments with APIs in other stacks need it.
  const { GetParameterCommand, ParameterNotFound, SSMClient } = await import('@aws-sdk/client-ssm');
  const client = new SSMClient({
    maxAttempts: 3,
    requestHandler: new CompleteResponseHandler({ connect: 500, begin: ATTEMPT_TIMEOUT_MS, whole: ATTEMPT_TIMEOUT_MS }),
  });
  const read = async (Name: string): Promise<ListedStages> => {
    try {
      const { Parameter } = await client.send(new GetParameterCommand({ Name }));
      return { stages: parseStages(Parameter?.Value ?? ''), unread: [] };
    } catch (error) {
      if (error instanceof ParameterNotFound) return { stages: [], unread: [] };
      report(Name, error as Error);
      return { stages: [], unread: [Name] };
    }
  };
  const lists = await Promise.all(names.map(read));
  return { stages: lists.flatMap(({ stages }) => stages), unread: lists.flatMap(({ unread }) => unread) };
}
