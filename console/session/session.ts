/** Who is using the console, and how the API is told. The one difference between the places that serve it. */
export interface Session {
  /** For people; none where the link is all that there is. */
  readonly user: string | undefined;
  /** What goes with every call. */
  headers(): Promise<Readonly<Record<string, string>>>;
  /** Called when the API has answered that there is no session. */
  ended(): void;
  /** None where closing the browser, or the command, is signing out. */
  readonly signOut: (() => Promise<void>) | undefined;
}
