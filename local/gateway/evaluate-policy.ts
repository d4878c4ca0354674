import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import { ACCOUNT } from '../account.ts';

export type Evaluation = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

/** Replaces a `*` in a path. Authorizer policies never contain this character. */
const LITERAL_STAR = '\u{2217}';

/**
 * Evaluates an authorizer's policy for one request. The policy must be valid.
 *
 * The library's "unsafe" function does not validate the policy again. Its validation would reject the path `/`. The library
 * treats a `*` in the request as a pattern, which matches more than that character, so it is replaced.
 */
export function evaluatePolicy(policyDocument: unknown, methodArn: string): Evaluation {
  return runUnsafeSimulation(
    {
      request: {
        action: 'execute-api:Invoke',
        principal: `arn:aws:iam::${ACCOUNT}:user/caller`,
        resource: { accountId: ACCOUNT, resource: methodArn.replaceAll('*', LITERAL_STAR) },
        contextVariables: {},
      },
      identityPolicies: [{ name: 'authorizer', policy: policyDocument }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
}
