/** Identifies the user to the API. This is the only difference between the local and the hosted console. */
export interface Session {
  /** The user's name, or `undefined` in the local console. */
  readonly user: string | undefined;
  /** Returns the headers of every request. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Called when the API has rejected the session. */
  expired(): void;
  /** `undefined` if the session ends with the browser or the command. */
  readonly signOut: (() => Promise<void>) | undefined;
}
