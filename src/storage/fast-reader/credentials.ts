import type { Credentials } from './signer.ts';

/**
 * Returns the current credentials. It is called before every request, because credentials rotate. It returns a promise only
 * if it must load them, and the promise is rejected after `timeoutMs` milliseconds.
 */
export type CredentialSource = (timeoutMs: number) => Credentials | Promise<Credentials>;

/**
 * Returns the credentials of a Lambda function. They are read from the environment each time. If it has none (after a SnapStart
 * restore, in containers), they are loaded from `AWS_CONTAINER_CREDENTIALS_FULL_URI` or `…_RELATIVE_URI` by the SDK's
 * provider, which is loaded on demand.
 */
export function lambdaCredentials(environment: NodeJS.ProcessEnv): CredentialSource {
  let container: Promise<(timeoutMs: number) => Promise<Credentials>> | undefined;
  return (timeoutMs) => {
    const accessKeyId = environment['AWS_ACCESS_KEY_ID'];
    const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'];
    const sessionToken = environment['AWS_SESSION_TOKEN'];
    if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey, sessionToken };
    container ??= containerProvider();
    return container.then((provider) => provider(timeoutMs));
  };
}

/** Caches the credentials until five minutes before they expire, as the SDK does. */
async function containerProvider(): Promise<(timeoutMs: number) => Promise<Credentials>> {
  const [{ fromHttp }, { memoize }, { withTimeout }] = await Promise.all([
    import('@aws-sdk/credential-provider-http'),
    import('@smithy/core/config'),
    import('../with-timeout.ts'),
  ]);
  const expiresSoon = ({ expiration }: { expiration?: Date }) =>
    expiration !== undefined && expiration.getTime() - Date.now() < 300_000;
  const provider = memoize(
    () => fromHttp()(),
    expiresSoon,
    ({ expiration }) => expiration !== undefined,
  );
  return (timeoutMs) => withTimeout('the source of credentials', timeoutMs, provider);
}
