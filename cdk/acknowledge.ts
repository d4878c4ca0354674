import { AspectPriority, Aspects, CfnResource, type IAspect } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** A finding of cdk-nag that is accepted, and why. */
export interface AcceptedFinding {
  /** The rule, such as `AwsSolutions-S1`, or one finding of it, such as `AwsSolutions-IAM5[Resource::*]`. */
  readonly id: string;
  readonly reason: string;
}

/** `Validations.ACKNOWLEDGED_RULES_METADATA_KEY`, which aws-cdk-lib has only from 2.260. */
const ACKNOWLEDGED_RULES = 'aws:cdk:acknowledged-rules';

/**
 * Accepts findings of cdk-nag about a construct and the constructs in it.
 *
 * Version 3 of cdk-nag reads the metadata of constructs. It is written here without `Validations.acknowledge()`, which in
 * aws-cdk-lib 2.260 and 2.261 rejects ids of findings. Version 2 of cdk-nag reads the metadata of CloudFormation resources.
 */
export function acknowledge(construct: IConstruct, ...findings: readonly AcceptedFinding[]): void {
  for (const { id, reason } of findings)
    construct.node.addMetadata(ACKNOWLEDGED_RULES, { [`Annotation::${id}`]: reason });
  // Before cdk-nag, which runs as an aspect of default priority, and after the constructs that are still to be added.
  Aspects.of(construct).add(new SuppressFindings(findings), { priority: AspectPriority.MUTATING });
}

/** Writes the metadata that cdk-nag 2 reads. Suppressions that the app added itself are kept. */
class SuppressFindings implements IAspect {
  readonly #suppressions: readonly object[];

  constructor(findings: readonly AcceptedFinding[]) {
    this.#suppressions = findings.map(suppressionOf);
  }

  visit(node: IConstruct): void {
    if (!CfnResource.isCfnResource(node)) return;
    const { rules_to_suppress: others = [], ...rest } = (node.getMetadata('cdk_nag') ?? {}) as {
      readonly rules_to_suppress?: readonly object[];
    };
    node.addMetadata('cdk_nag', { ...rest, rules_to_suppress: [...others, ...this.#suppressions] });
  }
}

function suppressionOf({ id, reason }: AcceptedFinding): object {
  const [, rule = id, finding] = /^([^[]+)\[(.+)\]$/.exec(id) ?? [];
  return {
    id: rule,
    ...(finding !== undefined && { applies_to: [finding] }),
    // CloudFormation replaces such characters in templates with question marks.
    ...(/[^\0-\xff]/u.test(reason)
      ? { reason: Buffer.from(reason).toString('base64'), is_reason_encoded: true }
      : { reason }),
  };
}
