/** The local server can't run on this machine as it is. The message says what to do. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
