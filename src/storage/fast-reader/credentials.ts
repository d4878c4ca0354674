import type { Credentials } from './signer.ts';

/**
 * Asked before every request, because credentials rotate. Not a promise when the answer is at hand; one that is not kept
 * within `timeoutMs` is broken then.
 */
export type CredentialSource = (timeoutMs: number) => Credentials | Promise<Credentials>;

/**
 * The credentials of a Lambda function: in the environment, read anew each time; or, where the environment holds
 * none (SnapStart restores, containers), from the address in `AWS_CONTAINER_CREDENTIALS_FULL_URI` or
 * `…_RELATIVE_URI`, through the SDK's provider, which is loaded only then.
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

/** Keeps what it was given until five minutes before it expires, as the SDK does. */
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
