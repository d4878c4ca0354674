/** Tokens in addition to keys, for custom authorizers. A separate entry point, because it requires aws-jwt-verify. */
export { jwt, type Claims, type JwtOptions, type TokenVerifier } from './authorizer/custom/jwt.ts';
