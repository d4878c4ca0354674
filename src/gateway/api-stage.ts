/** A stage of an API that caches authorization results, and whose cache can be flushed. */
export interface ApiStage {
  readonly kind: 'rest' | 'http';
  readonly apiId: string;
  readonly stageName: string;
}

/** Name of the environment variable that lists the stages. */
const STAGES_VARIABLE = 'LATCHKEY_STAGES';

/** A stage as text, such as `rest/a1b2c3d4e5/prod`; no part of it holds a slash or a comma. */
export function stageText({ kind, apiId, stageName }: ApiStage): string {
  return `${kind}/${apiId}/${stageName}`;
}

/** Returns the environment of a function that flushes these stages. */
export function stagesToEnvironment(stages: readonly ApiStage[]): Record<string, string> {
  return { [STAGES_VARIABLE]: stages.map(stageText).join(',') };
}

/** Reads what {@link stagesToEnvironment} wrote. Without the variable there are no stages. */
export function stagesFromEnvironment(environment: NodeJS.ProcessEnv): ApiStage[] {
  const texts = environment[STAGES_VARIABLE]?.split(',') ?? [];
  return texts.filter(Boolean).map((text) => {
    const [kind, apiId = '', stageName = ''] = text.split('/');
    return { kind: kind === 'http' ? 'http' : 'rest', apiId, stageName };
  });
}
