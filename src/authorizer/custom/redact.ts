/** A shorter encoded form could be part of an ordinary word. */
const SHORTEST_FORM = 8;

/**
 * Removes secrets from a message before it is logged. A message with a secret in another form (quoted for JSON,
 * percent-encoded, in base64, base64url or hex, split over lines) is replaced completely.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const plain = secrets.reduce((left, secret) => left.replaceAll(secret, '…'), text);
  const readings = [plain, percentDecoded(plain), percentDecoded(percentDecoded(plain)), unescaped(plain)].map(
    alphanumericOf,
  );
  const forms = secrets.flatMap(formsOf).filter(({ length }) => length >= SHORTEST_FORM);
  return forms.some((form) => readings.some((reading) => reading.includes(form)))
    ? 'an error whose message contains a credential'
    : plain;
}

/** The encoded forms of a secret. Base64 depends on where in a group of three bytes the secret starts. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and the last characters also encode the bytes next to the secret.
    return encoded.slice(Math.ceil((offset * 4) / 3), -1);
  });
  return [secret, bytes.toString('hex'), ...base64].map(alphanumericOf);
}

/** Returns only the letters and digits, so that line breaks, quotes, separators and the base64 alphabet don't matter. */
function alphanumericOf(text: string): string {
  return text.replaceAll(/\\[nrt]|[^A-Za-z0-9]/g, '').toLowerCase();
}

function percentDecoded(text: string): string {
  return text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

function unescaped(text: string): string {
  return text.replaceAll(/\\u([0-9A-Fa-f]{4})/g, (_all, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
