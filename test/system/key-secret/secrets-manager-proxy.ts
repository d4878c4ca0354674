import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

interface SecretsManagerProxy {
  readonly endpoint: string;
  /** The IAM actions that the requests required. */
  readonly actions: Set<string>;
  /** The IAM actions to deny. */
  readonly denied: Set<string>;
  /** Runs the four steps when `RotateSecret` is called, which the emulators don't. */
  onRotate?: (secretId: string) => Promise<void>;
  stop(): void;
}

/** A proxy for Secrets Manager that records the IAM actions that the requests require, and can deny them. */
export async function secretsManagerProxy(target: string): Promise<SecretsManagerProxy> {
  const actions = new Set<string>();
  const denied = new Set<string>();
  const server = createServer((request, response) => {
    void (async () => {
      const action = String(request.headers['x-amz-target']).replace('.', ':');
      actions.add(action);
      if (denied.has(action)) {
        response.writeHead(400, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(JSON.stringify({ __type: 'AccessDeniedException', Message: 'not authorized' }));
        return;
      }
      const body = await buffer(request);
      if (action === 'secretsmanager:RotateSecret' && proxy.onRotate !== undefined) {
        const { SecretId } = JSON.parse(body.toString()) as { SecretId: string };
        // Secrets Manager responds before the rotation has finished.
        void proxy.onRotate(SecretId);
        response.writeHead(200, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(JSON.stringify({ Name: SecretId }));
        return;
      }
      const headers = Object.fromEntries(
        ['x-amz-target', 'content-type', 'authorization', 'x-amz-date'].flatMap((name) => {
          const value = request.headers[name];
          // The functions have the credentials of DynamoDB Local, and MiniStack knows the access key of its account.
          return typeof value === 'string' ? [[name, value.replace('Credential=local/', 'Credential=test/')]] : [];
        }),
      );
      const upstream = await fetch(target, { method: 'POST', headers, body });
      response.writeHead(upstream.status, { 'content-type': 'application/x-amz-json-1.1' });
      response.end(Buffer.from(await upstream.arrayBuffer()));
    })();
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const proxy: SecretsManagerProxy = {
    // The path distinguishes its responses from those of other servers.
    endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/secretsmanager`,
    actions,
    denied,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return proxy;
}
