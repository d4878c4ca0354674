import fc from 'fast-check';
import { anyCase, keyValue, lookAlike, megabytes, PROTOTYPE_NAMES } from './hostile.ts';
import { ISSUED } from './world.ts';

/** One delivery to the public endpoint for GitHub's secret scanning alerts. */
export interface LeakCase {
  /** The event that Lambda receives, as JSON. {@link SIGNATURES} are placeholders for signatures of this body. */
  readonly payload: string;
  /** Whether API Gateway can send it. */
  readonly sendable: boolean;
}

/** The ID under which the fake GitHub publishes its key. */
export const GITHUB_KEY_ID = 'ours';
/** Placeholders that the caller replaces by signatures of the body: the fake GitHub's, and one by another key. */
export const SIGNATURES = { byGitHub: 'SIGNEDBYGITHUB', byAnother: 'SIGNEDBYANOTHER' } as const;
export const ID_HEADER = 'github-public-key-identifier';
export const SIGNATURE_HEADER = 'github-public-key-signature';

const token = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...ISSUED.map(({ text }) => text)) },
  keyValue,
  fc.constant('a'.repeat(1025)),
);
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('', 'latchkey_api_key', 'x'.repeat(2049), ...PROTOTYPE_NAMES),
);
/** Sometimes the alert's URL contains another key. */
const place = fc.oneof(
  anyText,
  fc
    .constantFrom(...ISSUED.filter(({ imported }) => !imported).map(({ text }) => text))
    .map((text) => `https://github.com/a/b/blob/main/${text}.txt`),
);
const alert = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record(
      { token, type: fc.constant('latchkey_api_key'), url: place, source: fc.constantFrom('content', 'commit', '') },
      { requiredKeys: ['token', 'type'] },
    ),
  },
  { weight: 1, arbitrary: fc.record({ token, type: anyText, url: fc.option(place), source: fc.option(anyText) }) },
  { weight: 1, arbitrary: fc.jsonValue() },
);
const alerts = fc.oneof(
  { weight: 6, arbitrary: fc.array(alert, { maxLength: 3 }) },
  { weight: 2, arbitrary: fc.array(alert, { maxLength: 40 }) },
  // One key that was found in many places.
  fc.tuple(alert, fc.nat({ max: 100 })).map(([one, times]) => Array.from({ length: times }, () => one)),
);
const body = fc.oneof(
  { weight: 12, arbitrary: alerts.map((list) => JSON.stringify(list)) },
  { weight: 2, arbitrary: alerts.map((list) => JSON.stringify(list).slice(0, -1)) },
  { weight: 2, arbitrary: fc.json() },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
  fc.constantFrom('', ' ', 'null', '[null]', '{}', '[[]]', '"', '\ufeff[]', '[{"token":"a"}]', '[{"__proto__":1}]'),
  fc.constantFrom(1000, 50_000).map((depth) => '['.repeat(depth) + ']'.repeat(depth)),
  megabytes,
);

const keyId = fc.oneof(
  { weight: 8, arbitrary: fc.constant(GITHUB_KEY_ID) },
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom('', 'OURS', ' ours', ...PROTOTYPE_NAMES),
);
const { byGitHub, byAnother } = SIGNATURES;
const signature = fc.oneof(
  { weight: 12, arbitrary: fc.constant(byGitHub) },
  { weight: 3, arbitrary: fc.constant(byAnother) },
  { weight: 2, arbitrary: fc.base64String({ maxLength: 120 }) },
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.constantFrom(
    '',
    ' ',
    `${byGitHub} `,
    `${byGitHub},${byGitHub}`,
    `${byAnother},${byGitHub}`,
    'MAA=',
    'MAYCAQACAQA=',
  ),
  megabytes,
);
type Header = readonly [name: string, value: string];
const headerNamed = (name: string) => fc.oneof({ weight: 8, arbitrary: anyCase(name) }, lookAlike(name));
const headers: fc.Arbitrary<readonly Header[]> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.tuple(fc.tuple(anyCase(ID_HEADER), keyId), fc.tuple(anyCase(SIGNATURE_HEADER), signature)),
  },
  fc.array(fc.oneof(fc.tuple(headerNamed(ID_HEADER), keyId), fc.tuple(headerNamed(SIGNATURE_HEADER), signature)), {
    maxLength: 4,
  }),
  fc.array(fc.tuple(fc.constantFrom(...PROTOTYPE_NAMES, 'authorization'), signature), { maxLength: 3 }),
);

/** Writes JSON by hand, because an object can't have a member `__proto__`. The last of repeated names wins. */
const json = (pairs: readonly Header[]) =>
  `{${[...new Map(pairs)].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;

const parts = fc.tuple(headers, fc.option(body, { freq: 30 }), fc.boolean()).map(([sent, content, encoded]) => {
  const isBase64Encoded = encoded && content !== null;
  const text = isBase64Encoded ? Buffer.from(content).toString('base64') : content;
  return { headers: json(sent), body: JSON.stringify(text), isBase64Encoded: String(isBase64Encoded) };
});
type Parts = Readonly<Record<string, string>>;
const written = (event: Parts) =>
  `{${Object.entries(event)
    .map(([name, content]) => `"${name}":${content}`)
    .join(',')}}`;

export const leakCase: fc.Arbitrary<LeakCase> = fc.oneof(
  { weight: 12, arbitrary: parts.map((event) => ({ payload: written(event), sendable: true })) },
  {
    weight: 1,
    // Only a configuration error could send these.
    arbitrary: fc
      .tuple(parts, fc.constantFrom('headers', 'body', 'isBase64Encoded'), fc.json())
      .map(([event, part, content]) => ({ payload: written({ ...event, [part]: content }), sendable: false })),
  },
);
