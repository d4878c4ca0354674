import { describe, expect, it } from 'vitest';
import {
  stageParametersFromEnvironment,
  stageParametersToEnvironment,
  stagesFromEnvironment,
  stagesToEnvironment,
  stageText,
  type ApiStage,
} from '../../../src/gateway/api-stage.ts';

const REST: ApiStage = { kind: 'rest', apiId: 'a1b2c3d4e5', stageName: 'prod' };
const HTTP: ApiStage = { kind: 'http', apiId: 'f6g7h8i9j0', stageName: '$default' };

describe('the stages that a function flushes', () => {
  it.each([[[]], [[REST]], [[REST, HTTP, REST]]])('restores stages from the environment: %j', (stages) => {
    expect(stagesFromEnvironment(stagesToEnvironment(stages))).toEqual(stages);
  });

  it('returns no stages without the environment variable', () => {
    expect(stagesFromEnvironment({})).toEqual([]);
    expect(stagesFromEnvironment({ LATCHKEY_STAGES: '' })).toEqual([]);
  });

  it('writes stages to LATCHKEY_STAGES, with empty parts for a truncated stage', () => {
    expect(stagesToEnvironment([REST, HTTP])).toEqual({
      LATCHKEY_STAGES: 'rest/a1b2c3d4e5/prod,http/f6g7h8i9j0/$default',
    });
    expect(stagesFromEnvironment({ LATCHKEY_STAGES: 'http' })).toEqual([{ kind: 'http', apiId: '', stageName: '' }]);
  });

  it('names stages in the form kind/API/stage', () => {
    expect([REST, HTTP].map(stageText)).toEqual(['rest/a1b2c3d4e5/prod', 'http/f6g7h8i9j0/$default']);
  });
});

describe('the parameters that list the stages of other stacks', () => {
  it.each([[[]], [['/latchkey/a/One']], [['/latchkey/a/One', '/latchkey/a/Two']]])(
    'restores stage parameters from the environment: %j',
    (names) => {
      expect(stageParametersFromEnvironment(stageParametersToEnvironment(names))).toEqual(names);
    },
  );

  it('returns no stage parameters without the environment variable', () => {
    expect(stageParametersFromEnvironment({})).toEqual([]);
  });
});
