import { existsSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A part of a template, by its place, such as `Resources.KeysTable1234`. */
export type Parts = Readonly<Record<string, unknown>>;

/** The file with the console's settings, the only one in its asset. */
const SETTINGS_FILE = 'api/settings';

/**
 * Reads the resources, outputs and other parts of a stack's template, in a form that can be compared between languages.
 *
 * - The resource `CDKMetadata` is left out: its property `Analytics` lists the classes of the app under the names of their
 *   packages, and the version of jsii.
 * - JSON in a string is parsed, also the file with the console's settings. A struct of jsii has another order of fields than
 *   the object that a TypeScript app writes.
 */
export async function partsOf(assembly: string, stack: string): Promise<Parts> {
  const template = JSON.parse(await readFile(join(assembly, `${stack}.template.json`), 'utf8')) as Record<
    string,
    object
  >;
  return Object.fromEntries(
    Object.entries(template).flatMap(([section, parts]) =>
      Object.entries(parts)
        .filter(([name]) => name !== 'CDKMetadata')
        .map(([name, part]) => [`${section}.${name}`, comparable(part, assembly)] as const),
    ),
  );
}

function comparable(value: unknown, assembly: string): unknown {
  if (typeof value === 'string') return comparableText(value, assembly);
  if (Array.isArray(value)) return value.map((one) => comparable(one, assembly));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, comparable(part, assembly)]));
}

function comparableText(text: string, assembly: string): unknown {
  const [, hash] = /^([0-9a-f]{64})\.zip$/.exec(text) ?? [];
  const settings = join(assembly, `asset.${String(hash)}`, SETTINGS_FILE);
  if (hash !== undefined && existsSync(settings))
    return { file: parsed(withQuotedMarkers(readFileSync(settings, 'utf8'))) };
  return parsed(text);
}

/** The CDK replaces these markers by JSON when it deploys the file. */
function withQuotedMarkers(text: string): string {
  return text.replaceAll(/<<marker:\w+:\d+>>/g, '"$&"');
}

function parsed(text: string): unknown {
  if (!text.startsWith('{')) return text;
  try {
    return { json: JSON.parse(text) as unknown };
  } catch {
    return text;
  }
}
