import { json } from 'node:stream/consumers';
import { HttpRequest } from '@smithy/core/protocols';
import type { NodeHttpHandler } from '@smithy/node-http-handler';
import { z } from 'zod';
import { refusal, unreachable, usageError, type CommandError } from '../errors.ts';
import type { Destination } from './destination.ts';

/** A secret of a repository, for GitHub Actions. */
interface GitHubSecret {
  readonly owner: string;
  readonly repo: string;
  readonly name: string;
}

const PUBLIC_API = 'https://api.github.com';
const API_VERSION = '2022-11-28';
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/** What `GET …/actions/secrets/public-key` returns. */
const publicKeySchema = z.object({ key_id: z.string().min(1), key: z.base64() });
type PublicKey = z.output<typeof publicKeySchema>;

/** A response of GitHub. Its body is read only where it is needed, and never shown. */
interface Response {
  readonly status: number;
  readonly body: () => Promise<unknown>;
}

/**
 * A secret of GitHub Actions, whose value is the key alone. The key leaves the machine only in a sealed box that GitHub
 * opens: https://docs.github.com/en/rest/guides/encrypting-secrets-for-the-rest-api
 *
 * @param text `OWNER/REPO:NAME`
 * @param api the URL of the REST API. @default `GITHUB_API_URL`, or that of github.com
 * @throws {CommandError} if the text or the URL is not valid, or there is no token
 */
export function gitHubDestination(
  text: string,
  api: string | undefined,
  requestHandler: NodeHttpHandler,
  environment: NodeJS.ProcessEnv = process.env,
): Destination {
  const secret = parseSecret(text);
  const { owner, repo, name } = secret;
  const where = `the GitHub secret "${name}" of ${owner}/${repo}`;
  const base = apiUrl(api ?? environment['GITHUB_API_URL'] ?? PUBLIC_API);
  const token = tokenOf(environment);
  const secrets = `/repos/${owner}/${repo}/actions/secrets`;
  let publicKey: PublicKey | undefined;

  return {
    where,
    reserve: async (replaces) => {
      publicKey = await readPublicKey();
      // GitHub returns no values, so a rotation can't check that the secret has the key to replace.
      if (replaces !== undefined) return;
      const { status } = await send('GET', `${secrets}/${name}`, [200, 404]);
      if (status === 200)
        throw usageError(
          `${owner}/${repo} has a secret "${name}" already. Name another, or run "latchkey rotate" with --to-github to replace its key.`,
        );
    },
    store: async ({ key }) => {
      const { key_id, key: recipient } = publicKey ?? (await readPublicKey());
      const body = JSON.stringify({ encrypted_value: await sealed(key, recipient), key_id });
      await send('PUT', `${secrets}/${name}`, [201, 204], body);
    },
    release: () => Promise.resolve(),
    close: () => {
      requestHandler.destroy();
    },
  };

  async function readPublicKey(): Promise<PublicKey> {
    const { body } = await send('GET', `${secrets}/public-key`, [200]);
    const { data } = publicKeySchema.safeParse(await body().catch(() => undefined));
    if (data === undefined)
      throw unreachable(`The response of ${base.origin} is not GitHub's public key. Check --github-api.`);
    return data;
  }

  /** @throws {CommandError} if GitHub can't be reached, or the status is not an expected one */
  async function send(method: string, path: string, expected: readonly number[], body?: string): Promise<Response> {
    const request = new HttpRequest({
      method,
      protocol: base.protocol,
      hostname: base.hostname.replace(/^\[|\]$/g, ''),
      ...(base.port === '' ? {} : { port: Number(base.port) }),
      path: base.pathname.replace(/\/$/, '') + path,
      headers: {
        host: base.host,
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': 'latchkey',
        'x-github-api-version': API_VERSION,
        ...(body === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) }),
      },
      body,
    });
    // This handler follows no redirects, so the token is only sent to `base`.
    const { response } = await requestHandler.handle(request, { requestTimeout: 30_000 }).catch((error: unknown) => {
      const { name: reason } = error instanceof Error ? error : { name: 'unknown error' };
      throw unreachable(`Can't reach GitHub at ${base.origin} (${reason}). Check your connection and --github-api.`);
    });
    const { statusCode: status } = response;
    if (!expected.includes(status)) throw problemOf(status, secret);
    return { status, body: () => json(response.body as NodeJS.ReadableStream) };
  }
}

/** Encrypts a key for the owner of a public key. */
async function sealed(key: string, recipient: string): Promise<string> {
  const { default: sodium } = await import('libsodium-wrappers');
  await sodium.ready;
  const { ORIGINAL } = sodium.base64_variants;
  const box = sodium.crypto_box_seal(sodium.from_string(key), sodium.from_base64(recipient, ORIGINAL));
  return sodium.to_base64(box, ORIGINAL);
}

function problemOf(status: number, { owner, repo, name }: GitHubSecret): CommandError {
  const repository = `${owner}/${repo}`;
  if (status === 401)
    return unreachable('GitHub rejected the token in GH_TOKEN or GITHUB_TOKEN. It may have expired.', 'access_denied');
  if (status === 403 || status === 429)
    return unreachable(
      `GitHub denied access to the secrets of ${repository}. The token needs the permission "Secrets: write" (classic: the scope repo), and must be within its rate limit.`,
      'access_denied',
    );
  if (status === 404)
    return unreachable(
      `GitHub has no repository ${repository} whose secrets the token can write. Check the name, and the permissions of the token.`,
    );
  if (status === 422)
    return refusal({ code: 'rejected', message: `GitHub rejected the secret "${name}" of ${repository} as invalid.` });
  if (status >= 300 && status < 400)
    return unreachable(
      `GitHub redirects requests for ${repository}. It may have been renamed: give its new name. If you use --github-api, give the URL that it redirects to.`,
    );
  return unreachable(`GitHub failed with the status ${String(status)}. Try again.`);
}

function parseSecret(text: string): GitHubSecret {
  const [, owner = '', repo = '', name = ''] =
    /^([A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)\/([\w.-]{1,100}):([A-Za-z_]\w*)$/.exec(text) ?? [];
  if (name === '' || /^\.{1,2}$/.test(repo) || /^GITHUB_/i.test(name))
    throw usageError(
      '--to-github must be OWNER/REPO:NAME, such as acme/orders:ORDERS_API_KEY. A name has letters, digits and underscores, and starts with neither a digit nor GITHUB_.',
    );
  return { owner, repo, name };
}

function apiUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  if (url !== undefined && isSafe && url.username === '' && url.search === '' && url.hash === '') return url;
  throw usageError(
    'The URL of the GitHub API is not valid. Set --github-api or GITHUB_API_URL to an https URL, such as https://github.example.com/api/v3.',
  );
}

function tokenOf({ GH_TOKEN = '', GITHUB_TOKEN = '' }: NodeJS.ProcessEnv): string {
  const token = (GH_TOKEN === '' ? GITHUB_TOKEN : GH_TOKEN).trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw usageError(
    '--to-github needs a GitHub token that can write secrets. Set GH_TOKEN or GITHUB_TOKEN, for example to the output of "gh auth token".',
  );
}
