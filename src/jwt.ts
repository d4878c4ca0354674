/** Tokens beside keys, for an authorizer of your own. Apart, because it needs aws-jwt-verify, which your app brings. */
export { jwt, type Claims, type JwtOptions, type TokenVerifier } from './authorizer/custom/jwt.ts';
