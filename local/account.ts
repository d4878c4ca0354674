import type { Plans } from '../src/core/limits/limits.ts';

/** The simulated AWS account of the local server. Nothing here is secret. */

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
export const STAGE = 'local';
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;
export const USER_ARN = `arn:aws:iam::${ACCOUNT}:user/local`;

/** The plan `free` is small, so that its limits are easy to reach. */
export const LOCAL_PLANS: Plans = {
  free: { rate: '5/s', quota: '100/day' },
  pro: { rate: '100/s', quota: '1000000/month' },
};

/** The stage of the sample API. */
export const SAMPLE_STAGE = { kind: 'rest', apiId: 'sample', stageName: STAGE } as const;
