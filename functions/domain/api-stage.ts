/** A stage of an API that caches what its authorizer answers, and can be told to drop it. */
export interface ApiStage {
  readonly kind: 'rest' | 'http';
  readonly apiId: string;
  readonly stageName: string;
}

/** Name of the variable that tells a function the stages; without it there are none. */
const STAGES_VARIABLE = 'LATCHKEY_STAGES';

/** A stage as text, such as `rest/a1b2c3d4e5/prod`; no part of it holds a slash or a comma. */
export function stageText({ kind, apiId, stageName }: ApiStage): string {
  return `${kind}/${apiId}/${stageName}`;
}

/** The environment of a function that is to know these stages. */
export function stagesToEnvironment(stages: readonly ApiStage[]): Record<string, string> {
  return { [STAGES_VARIABLE]: stages.map(stageText).join(',') };
}

/** Reads what {@link stagesToEnvironment} wrote. */
export function stagesFromEnvironment(environment: NodeJS.ProcessEnv): ApiStage[] {
  const texts = environment[STAGES_VARIABLE]?.split(',') ?? [];
  return texts.filter(Boolean).map((text) => {
    const [kind, apiId = '', stageName = ''] = text.split('/');
    return { kind: kind === 'http' ? 'http' : 'rest', apiId, stageName };
  });
}
