import { createKeyClient } from '../src/client/create-key-client.ts';
import { customResourceHandler } from '../src/key-secrets/cloudformation.ts';
import { keySecretFrom } from '../src/key-secrets/from-environment.ts';
import { handleKeyResource } from '../src/key-secrets/key-resource.ts';

const { secretId, context, rotation, revokeFunction } = keySecretFrom(process.env);
const keys = createKeyClient({ functionNames: { revoke: revokeFunction } });

/** Issues the first key of one secret in AWS Secrets Manager, and revokes its keys when the secret is deleted. */
export const handler = customResourceHandler(secretId, (request) =>
  handleKeyResource(request, {
    context,
    rotation,
    revokeAll: async (prefixes, reason) => {
      if (prefixes.length > 0) await keys.revokeAll(prefixes, { reason });
    },
  }),
);
