/** A stage of an API that caches authorization results, and whose cache can be flushed. */
export interface ApiStage {
  /** The kind of API: REST or HTTP. WebSocket APIs don't cache authorization results. */
  readonly kind: 'rest' | 'http';
  /** The ID of the API, such as `a1b2c3d4e5`. */
  readonly apiId: string;
  /** The name of the stage, such as `prod` or `$default`. */
  readonly stageName: string;
}

/** Name of the environment variable that lists the stages. */
const STAGES_VARIABLE = 'LATCHKEY_STAGES';

/** Name of the environment variable that names the Systems Manager parameters that list the stages of other stacks. */
const STAGE_PARAMETERS_VARIABLE = 'LATCHKEY_STAGE_PARAMETERS';

/** Returns a stage as a string, such as `rest/a1b2c3d4e5/prod`. No part of it contains a slash or a comma. */
export function stageText({ kind, apiId, stageName }: ApiStage): string {
  return `${kind}/${apiId}/${stageName}`;
}

/** Returns a list of stages as a string. */
export function stagesText(stages: readonly ApiStage[]): string {
  return stages.map(stageText).join(',');
}

/** Reads a list that {@link stagesText} wrote. */
export function parseStages(text: string): ApiStage[] {
  return split(text).map((stage) => {
    const [kind, apiId = '', stageName = ''] = stage.split('/');
    return { kind: kind === 'http' ? 'http' : 'rest', apiId, stageName };
  });
}

/** Returns the environment of a function that flushes these stages. */
export function stagesToEnvironment(stages: readonly ApiStage[]): Record<string, string> {
  return { [STAGES_VARIABLE]: stagesText(stages) };
}

/** Reads what {@link stagesToEnvironment} wrote. Without the variable there are no stages. */
export function stagesFromEnvironment(environment: NodeJS.ProcessEnv): ApiStage[] {
  return parseStages(environment[STAGES_VARIABLE] ?? '');
}

/**
 * Returns the environment of a function that flushes the stages that these Systems Manager parameters list. Each
 * parameter belongs to the stack of its APIs, so the function doesn't depend on that stack.
 */
export function stageParametersToEnvironment(names: readonly string[]): Record<string, string> {
  return { [STAGE_PARAMETERS_VARIABLE]: names.join(',') };
}

/** Reads what {@link stageParametersToEnvironment} wrote. Without the variable there are no parameters. */
export function stageParametersFromEnvironment(environment: NodeJS.ProcessEnv): string[] {
  return split(environment[STAGE_PARAMETERS_VARIABLE] ?? '');
}

function split(text: string): string[] {
  return text.split(',').filter(Boolean);
}
