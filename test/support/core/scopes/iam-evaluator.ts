import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument } from '../../../../src/core/scopes/policy.ts';

/** Whether IAM would allow a call under an authorizer's policy, by an independent evaluator. */
export function iamPermits(policy: PolicyDocument, arn: string): boolean {
  // "Unsafe" skips the check of the ARN's type, which rejects a stage's root path and `$connect`.
  const result = runUnsafeSimulation(
    {
      request: {
        principal: 'arn:aws:iam::123456789012:user/caller',
        action: 'execute-api:Invoke',
        resource: { resource: arn, accountId: '123456789012' },
        contextVariables: {},
      },
      identityPolicies: [{ name: 'authorizer', policy }],
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  return result === 'Allowed';
}
