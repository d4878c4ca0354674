/** The make-believe AWS account of the local server. None of this is a secret. */

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
export const STAGE = 'local';
export const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' } as const;
export const USER_ARN = `arn:aws:iam::${ACCOUNT}:user/local`;
/** The sample API's stage. */
export const SAMPLE_STAGE = { kind: 'rest', apiId: 'sample', stageName: STAGE } as const;
