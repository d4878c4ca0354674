import { Stack, type IAspect } from 'aws-cdk-lib';
import { CfnAuthorizer, CfnStage } from 'aws-cdk-lib/aws-apigateway';
import { CfnAuthorizer as CfnAuthorizerV2, CfnStage as CfnStageV2 } from 'aws-cdk-lib/aws-apigatewayv2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct, IConstruct } from 'constructs';
import { stagesToEnvironment, type ApiStage } from '../src/gateway/api-stage.ts';

export interface FlushOnRevokeProps {
  readonly keys: Construct;
  readonly authorizerFunction: IFunction;
  /** How long the authorizer keeps records in memory, in seconds. With more than 0 a flush cannot stop a revoked key. */
  readonly recordCacheSeconds: number;
}

/**
 * Gives the functions that stop keys from working the names of the stages that can have cached an authorization result,
 * and the permission to flush exactly those caches.
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
    const stages = [...this.others, ...cachingStages(Stack.of(keys), authorizerFunction)];
    if (stages.length === 0) return;
    if (recordCacheSeconds > 0)
      throw new Error(
        `recordCache cannot be used with stages that are flushed (here ${stages.map(({ kind, stageName }) => `${kind}/${stageName}`).join(', ')}): after a flush the authorizer would allow a revoked key from its memory. Set recordCache to Duration.seconds(0), the authorizer's cache TTL to 0, or flushOnRevoke to false.`,
      );
    const resources = stages.flatMap((stage) => cacheArns(Stack.of(keys), stage));
    for (const one of this.functions) {
      for (const [name, value] of Object.entries(stagesToEnvironment(stages))) one.addEnvironment(name, value);
      one.addToRolePolicy(new PolicyStatement({ actions: ['apigateway:DELETE'], resources }));
    }
  }
}

/**
 * The stages of a stack whose API has an authorizer of this function that caches: by the API's id and the stage's
 * name as it is written. A reference to the stage would make the functions wait for it, and through its methods for
 * whatever answers them, which may well be a function that calls these.
 */
function cachingStages(stack: Stack, authorizerFunction: IFunction): ApiStage[] {
  const nodes = stack.node.findAll().filter((node) => Stack.of(node) === stack);
  const text = (token: unknown) => JSON.stringify(stack.resolve(token));
  const functionArn = text(authorizerFunction.functionArn);
  const asks = (uri: string | undefined) => uri !== undefined && text(uri).includes(functionArn);

  const rest = nodes
    .filter((node) => CfnAuthorizer.isCfnAuthorizer(node))
    // Without a TTL it is API Gateway's own, of five minutes.
    .filter((one) => asks(one.authorizerUri) && one.authorizerResultTtlInSeconds !== 0)
    .map(({ restApiId }) => text(restApiId));
  const http = nodes
    .filter((node) => CfnAuthorizerV2.isCfnAuthorizer(node))
    // A WebSocket API's has none.
    .filter((one) => asks(one.authorizerUri) && (one.authorizerResultTtlInSeconds ?? 0) > 0)
    .map(({ apiId }) => text(apiId));
  return [
    ...nodes
      .filter((node) => CfnStage.isCfnStage(node))
      .flatMap(({ restApiId, stageName }): ApiStage[] =>
        stageName !== undefined && rest.includes(text(restApiId))
          ? [{ kind: 'rest', apiId: restApiId, stageName }]
          : [],
      ),
    ...nodes
      .filter((node) => CfnStageV2.isCfnStage(node))
      .flatMap(({ apiId, stageName }): ApiStage[] =>
        http.includes(text(apiId)) ? [{ kind: 'http', apiId, stageName }] : [],
      ),
  ];
}

/**
 * Returns the ARNs of a stage's authorizer cache.
 *
 * For the stage `$default` both forms are granted: AWS does not document whether IAM sees the name as it is or encoded,
 * as in the URL of the call. Both name the same stage, so the second form gives no further permission.
 *
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
 */
function cacheArns({ partition, region }: Stack, { kind, apiId, stageName }: ApiStage): string[] {
  const apis = kind === 'rest' ? 'restapis' : 'apis';
  const names = stageName === '$default' ? [stageName, encodeURIComponent(stageName)] : [stageName];
  return names.map(
    (name) => `arn:${partition}:apigateway:${region}::/${apis}/${apiId}/stages/${name}/cache/authorizers`,
  );
}
