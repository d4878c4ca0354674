import { parseStages, type ApiStage } from '../gateway/api-stage.ts';
import { CompleteResponseHandler } from '../storage/complete-response-handler.ts';

/** The most names that one `GetParameters` call accepts. */
const NAMES_PER_CALL = 10;

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
 * depend on those stacks.
 *
 * @param report called for each parameter that could not be read
 */
export async function readStageParameters(
  names: readonly string[],
  report: (name: string, error: Error) => void,
): Promise<ListedStages> {
  // Loaded on demand: only deployments with APIs in other stacks need it.
  const { GetParametersCommand, SSMClient } = await import('@aws-sdk/client-ssm');
  const client = new SSMClient({
    maxAttempts: 3,
    requestHandler: new CompleteResponseHandler({ connect: 500, begin: ATTEMPT_TIMEOUT_MS, whole: ATTEMPT_TIMEOUT_MS }),
  });
  const read = async (Names: string[]): Promise<ListedStages> => {
    try {
      const { Parameters = [] } = await client.send(new GetParametersCommand({ Names }));
      return { stages: Parameters.flatMap(({ Value = '' }) => parseStages(Value)), unread: [] };
    } catch (error) {
      for (const name of Names) report(name, error as Error);
      return { stages: [], unread: Names };
    }
  };
  const batches = Array.from({ length: Math.ceil(names.length / NAMES_PER_CALL) }, (_, index) =>
    names.slice(index * NAMES_PER_CALL, (index + 1) * NAMES_PER_CALL),
  );
  const lists = await Promise.all(batches.map(read));
  return { stages: lists.flatMap(({ stages }) => stages), unread: lists.flatMap(({ unread }) => unread) };
}
