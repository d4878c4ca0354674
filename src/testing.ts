/** For tests of your parsers and hooks. */
export {
  expectDeclaredReads,
  testRequest,
  type DeclaredReader,
  type DeclaredReadsOptions,
  type TestRequest,
} from './authorizer/custom/testing.ts';
