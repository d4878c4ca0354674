import { CognitoJwtVerifier } from 'aws-jwt-verify';

/** Verifies the access tokens of a Cognito user pool. */
export const users = CognitoJwtVerifier.create({
  userPoolId: process.env['USER_POOL_ID'] ?? '',
  clientId: process.env['USER_POOL_CLIENT_ID'] ?? '',
  tokenUse: 'access',
});
