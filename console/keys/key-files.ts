import type { IssuedKey } from '../api/keys.ts';

interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** Returns a file for dotenv: the key as `API_KEY`, with a comment that says which key it is. */
export function environmentFile(key: string, { name, prefix }: IssuedKey['record']): TextFile {
  // A line break in the name would end the comment.
  const comment = `${name} (${prefix})`.replaceAll(/[\r\n\u2028\u2029]/g, ' ');
  return { name: `${prefix}.env`, text: `# ${comment}\nAPI_KEY=${key}\n` };
}

/** Returns a JSON file with the key and the fields that identify it. */
export function jsonFile(key: string, record: IssuedKey['record']): TextFile {
  const { prefix, name, ownerId, createdAt, expiresAt } = record;
  const contents = { key, prefix, name, ownerId, createdAt, expiresAt };
  return { name: `${prefix}.json`, text: `${JSON.stringify(contents, null, 2)}\n` };
}

/** Returns a curl command with the key. A key has no characters that are special in single quotes. */
export function curlCommand(key: string): string {
  return `curl -H 'x-api-key: ${key}' 'https://YOUR-API-URL/'`;
}
