import type { Plans } from '../src/core/limits/limits.ts';

/** The make-believe AWS account of the local server. None of this is a secret. */

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
export const STAGE = 'local';
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;
export const USER_ARN = `arn:aws:iam::${ACCOUNT}:user/local`;

/** Small enough to run into. */
export const LOCAL_PLANS: Plans = {
  free: { rate: '5/s', quota: '100/day' },
  pro: { rate: '100/s', quota: '1000000/month' },
};
/** The sample API's stage. */
export const SAMPLE_STAGE = { kind: 'rest', apiId: 'sample', stageName: STAGE } as const;
