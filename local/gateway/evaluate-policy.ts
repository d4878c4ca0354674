import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import { ACCOUNT } from '../account.ts';

export type Evaluation = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

/** Stands for a `*` in a path: no policy of an authorizer holds this character. */
const LITERAL_STAR = '\u{2217}';

/**
 * Evaluates an authorizer's policy, which must have been validated, for one call.
 *
 * "Unsafe" is the library's word for not validating again; its validation also knows no call of the path `/`.
 * The library takes a `*` in the call itself for a pattern, which matches more than the character does.
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
