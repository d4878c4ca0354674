/**
 * What browsers are told about the console, wherever it is served from: nothing but its own files is run, loaded or
 * called, nobody may put it into a frame, and no address leaks to others.
 *
 * No style needs `unsafe-inline`: Cloudscape's styles are files, and what React sets on elements goes through the CSSOM,
 * which the policy does not touch. Its fonts are `data:` in those files, and so are some pictures.
 */
export interface ContentSecurityPolicy {
  /** Whom the console calls beside its own origin: the sign-in's token endpoint. @default none */
  readonly connect?: readonly string[];
}

export function contentSecurityPolicy({ connect = [] }: ContentSecurityPolicy = {}): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "font-src 'self' data:",
    "img-src 'self' data:",
    ["connect-src 'self'", ...connect].join(' '),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
  ].join('; ');
}

/** What a page may ask of the browser: the clipboard, to copy a key, and nothing else worth naming. */
export const PERMISSIONS_POLICY =
  'camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=(), clipboard-write=(self)';
