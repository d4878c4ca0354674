/** Where the key can be in a request. Header names and schemes are case-insensitive. */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- the constructor copies the fields of the TypeScript type
export class KeySource {
  /**
   * A header. Its value is the key.
   *
   * @param name the name of the header, such as `x-api-key`
   * @param scheme the authentication scheme that precedes the key, such as `Bearer` (RFC 9110, section 11.6.2). By default,
   * nothing precedes the key
   */
  public static header(name: string, scheme?: string): KeySource {
    return new KeySource(scheme === undefined ? { header: name } : { header: name, scheme });
  }

  /**
   * A cookie. Browsers send cookies with requests of any page, so protect against CSRF.
   *
   * @param name the name of the cookie
   */
  public static cookie(name: string): KeySource {
    return new KeySource({ cookie: name });
  }

  /**
   * A query parameter. Query strings appear in logs and browser histories, so use it only for clients that can't set a header,
   * such as a browser that opens a WebSocket.
   *
   * @param name the name of the parameter
   */
  public static query(name: string): KeySource {
    return new KeySource({ query: name });
  }

  // The constructs read the fields of the TypeScript type of the same name.
  private constructor(source: object) {
    Object.assign(this, source);
  }
}
