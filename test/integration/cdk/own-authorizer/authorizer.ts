import { JwtVerifier } from 'aws-jwt-verify';
import { allow, anyOf, apiKey, createAuthorizer, deny } from '../../../../src/authorizer.ts';
import { jwt } from '../../../../src/jwt.ts';

const issuer = process.env['ISSUER'] ?? 'https://issuer.example';

/** A custom authorizer: allows a key whose tenant is not locked, or a token. */
export const handler = createAuthorizer(
  anyOf(
    apiKey({
      authorize: ({ record }) => (record.metadata['locked'] === true ? deny('locked') : allow()),
      context: ({ record }) => ({ tenant: String(record.metadata['tenant']) }),
    }),
    jwt(JwtVerifier.create({ issuer, audience: 'app', jwksUri: `${issuer}/keys` })),
  ),
);
