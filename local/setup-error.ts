/** Something about this machine is not as the local server needs it. The message is one sentence that says what to do. */
export class SetupError extends Error {
  override readonly name = 'SetupError';
}
