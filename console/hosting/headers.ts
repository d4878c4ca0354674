export interface ContentSecurityPolicy {
  /** Origins that the console calls in addition to its own, such as that of the token endpoint. @default [] */
  readonly connect?: readonly string[];
}

/**
 * Returns the content security policy of the local and the hosted console. Only the console's own files may be loaded, run,
 * or called, and no site may frame it.
 *
 * Styles don't need `unsafe-inline`: Cloudscape's styles are files, and React sets styles through the CSSOM, which the policy
 * doesn't restrict. Fonts and some images in those files are `data:` URLs.
 */
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

/** Allows the console to write to the clipboard, to copy a key. */
export const PERMISSIONS_POLICY =
  'camera=(), microphone=(), geolocation=(), payment=(), usb=(), clipboard-read=(), clipboard-write=(self)';
