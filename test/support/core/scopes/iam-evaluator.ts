import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument } from '../../../../src/core/scopes/policy.ts';

/** Whether IAM would let a call through under an authorizer's policy, by an evaluator that is not ours. */
export function iamPermits(policy: PolicyDocument, arn: string): boolean {
  // "Unsafe" skips the check that the ARN is of a known type, which refuses a stage's root path and `$connect`.
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
