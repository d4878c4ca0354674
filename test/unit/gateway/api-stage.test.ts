import { describe, expect, it } from 'vitest';
import {
  stagesFromEnvironment,
  stagesToEnvironment,
  stageText,
  type ApiStage,
} from '../../../src/gateway/api-stage.ts';

const REST: ApiStage = { kind: 'rest', apiId: 'a1b2c3d4e5', stageName: 'prod' };
const HTTP: ApiStage = { kind: 'http', apiId: 'f6g7h8i9j0', stageName: '$default' };

describe('the stages that a function flushes', () => {
  it.each([[[]], [[REST]], [[REST, HTTP, REST]]])('%j come through its environment', (stages) => {
    expect(stagesFromEnvironment(stagesToEnvironment(stages))).toEqual(stages);
  });

  it('are none where none are set', () => {
    expect(stagesFromEnvironment({})).toEqual([]);
    expect(stagesFromEnvironment({ LATCHKEY_STAGES: '' })).toEqual([]);
  });

  it('stand in a variable of their own, and a stage cut short is one that there is not', () => {
    expect(stagesToEnvironment([REST, HTTP])).toEqual({
      LATCHKEY_STAGES: 'rest/a1b2c3d4e5/prod,http/f6g7h8i9j0/$default',
    });
    expect(stagesFromEnvironment({ LATCHKEY_STAGES: 'http' })).toEqual([{ kind: 'http', apiId: '', stageName: '' }]);
  });

  it('are named in answers as kind, API and stage', () => {
    expect([REST, HTTP].map(stageText)).toEqual(['rest/a1b2c3d4e5/prod', 'http/f6g7h8i9j0/$default']);
  });
});
