/** For tests of your own parsers and hooks. */
export {
  expectDeclaredReads,
  testRequest,
  type DeclaredReader,
  type DeclaredReadsOptions,
  type TestRequest,
} from './authorizer/custom/testing.ts';
