import { Annotations, Names, Stack, type IAspect } from 'aws-cdk-lib';
import { Policy, PolicyStatement, type IRole } from 'aws-cdk-lib/aws-iam';
import type { Function, IFunction } from 'aws-cdk-lib/aws-lambda';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct, type IConstruct } from 'constructs';
import {
  stageParametersToEnvironment,
  stagesText,
  stagesToEnvironment,
  stageText,
  type ApiStage,
} from '../src/gateway/api-stage.ts';
import { cachingStages, type DefinedStage } from './caching-stages.ts';
import { referencedBy } from './references.ts';

export interface FlushOnRevokeProps {
  readonly keys: Construct;
  readonly authorizerFunction: IFunction;
  /** How long the authorizer keeps records in memory, in seconds. With more than 0 a flush cannot stop a revoked key. */
  readonly recordCacheSeconds: number;
}

/**
 * Gives the functions that stop keys from working the names of the stages that can have cached an authorization result,
 * and permission to flush exactly those caches.
 *
 * The stages of the keys' own stack are named in an environment variable. A stack with other stages depends on the stack
 * of the keys, because its authorizers invoke the function there. So nothing in the stack of the keys can refer to them.
 * Instead, each such stack has a Systems Manager parameter that lists its stages, and a policy for the roles of the
 * functions. The name of the parameter is known without a reference.
 *
 * It is an aspect, because stages are created after the authorizer: CDK applies aspects when the tree is complete.
 */
export class FlushOnRevoke implements IAspect {
  readonly #props: FlushOnRevokeProps;
  /** The functions that stop keys from working. */
  readonly functions: Function[] = [];
  /** Stages in addition to those that are found. */
  readonly others: ApiStage[] = [];

  constructor(props: FlushOnRevokeProps) {
    this.#props = props;
  }

  visit(node: IConstruct): void {
    const { keys, authorizerFunction, recordCacheSeconds } = this.#props;
    if (node !== keys) return;
    const home = Stack.of(keys);
    const all = [
      ...this.others.map((stage) => ({ ...stage, stack: this.#stackOf(stage) })),
      ...cachingStages(authorizerFunction),
    ];
    const unreachable = all.filter(({ stack }) => stack.environment !== home.environment);
    for (const stage of unreachable) this.#warnUnreachable(stage);
    const stages = all.filter((stage) => !unreachable.includes(stage));
    if (stages.length === 0) return;
    if (recordCacheSeconds > 0)
      throw new Error(
        `recordCache cannot be used with stages that are flushed (here ${stages.map(({ kind, stageName }) => `${kind}/${stageName}`).join(', ')}): after a flush the authorizer would allow a revoked key from its memory. Set recordCache to Duration.seconds(0), the authorizer's cache TTL to 0, or flushOnRevoke to false.`,
      );
    // Node.js 20 has no Map.groupBy().
    const byStack = new Map<Stack, (typeof stages)[number][]>();
    for (const stage of stages) byStack.set(stage.stack, [...(byStack.get(stage.stack) ?? []), stage]);
    this.#flushDirectly(byStack.get(home) ?? []);
    byStack.delete(home);
    if (byStack.size > 0) this.#flushListed(byStack);
  }

  /** The stack that defines a stage that the app has named: that of the API if its ID is a reference. */
  #stackOf({ apiId }: ApiStage): Stack {
    const { keys } = this.#props;
    const [api] = referencedBy(apiId, keys);
    return Stack.of(api ?? keys);
  }

  #flushDirectly(stages: readonly DefinedStage[]): void {
    if (stages.length === 0) return;
    for (const one of this.functions) {
      addEnvironment(one, stagesToEnvironment(stages));
      one.addToRolePolicy(flushStatement(stages));
    }
  }

  #flushListed(byStack: ReadonlyMap<Stack, readonly DefinedStage[]>): void {
    const { keys } = this.#props;
    const names = [...byStack.keys()].map((stack) => this.#parameterName(stack));
    const home = Stack.of(keys);
    const resources = names.map((name) => home.formatArn({ service: 'ssm', resource: `parameter${name}` }));
    for (const one of this.functions) {
      addEnvironment(one, stageParametersToEnvironment(names));
      one.addToRolePolicy(new PolicyStatement({ actions: ['ssm:GetParameter'], resources }));
    }
    const roles = this.functions.flatMap(({ role }): IRole[] => (role === undefined ? [] : [role]));
    for (const [stack, stages] of byStack) {
      const scope = new Construct(stack, `${Names.nodeUniqueId(keys.node)}FlushOnRevoke`);
      new StringParameter(scope, 'Stages', {
        parameterName: this.#parameterName(stack),
        simpleName: false,
        description: `The stages whose authorizer caches Latchkey flushes when a key is revoked`,
        stringValue: stagesText(stages),
      });
      new Policy(scope, 'Policy', {
        // The default name is unique in its stack only. A second stack with this name would replace the policy of the role.
        policyName: Names.uniqueResourceName(scope, { maxLength: 128 }),
        roles,
        statements: [flushStatement(stages)],
      });
    }
  }

  /** The function's physical name makes it unique in the account and Region, and the path in the app among its stacks. */
  #parameterName(stack: Stack): string {
    return `/latchkey/${this.#props.authorizerFunction.functionName}/${Names.nodeUniqueId(stack.node)}`;
  }

  #warnUnreachable(stage: DefinedStage): void {
    const { keys } = this.#props;
    Annotations.of(keys).addWarningV2(
      `latchkey-not-flushed-${stage.kind}-${stage.stageName}`,
      `Revocations cannot flush the authorizer cache of the stage ${stageText({ ...stage, apiId: '…' })} in ${stage.stack.node.path}: the stack is in another account or Region. ` +
        'A revoked key can be allowed there until the cached result expires. Use a shorter cacheTtl, or deploy keys in that account and Region, and acknowledge this warning.',
    );
  }
}

function addEnvironment(target: Function, environment: Record<string, string>): void {
  for (const [name, value] of Object.entries(environment)) target.addEnvironment(name, value);
}

function flushStatement(stages: readonly DefinedStage[]): PolicyStatement {
  return new PolicyStatement({ actions: ['apigateway:DELETE'], resources: stages.flatMap(cacheArns) });
}

/**
 * Returns the ARNs of a stage's authorizer cache.
 *
 * For the stage `$default` both forms are granted: AWS does not document whether IAM sees the name as it is or encoded,
 * as in the URL of the call. Both name the same stage, so the second form gives no further permission.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
 */
function cacheArns({ kind, apiId, stageName, stack: { partition, region } }: DefinedStage): string[] {
  const apis = kind === 'rest' ? 'restapis' : 'apis';
  const names = stageName === '$default' ? [stageName, encodeURIComponent(stageName)] : [stageName];
  return names.map(
    (name) => `arn:${partition}:apigateway:${region}::/${apis}/${apiId}/stages/${name}/cache/authorizers`,
  );
}
