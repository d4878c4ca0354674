import { Stack, type IAspect } from 'aws-cdk-lib';
import { CfnAuthorizer, CfnStage } from 'aws-cdk-lib/aws-apigateway';
import { CfnAuthorizer as CfnAuthorizerV2, CfnStage as CfnStageV2 } from 'aws-cdk-lib/aws-apigatewayv2';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function, IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct, IConstruct } from 'constructs';
import { stagesToEnvironment, type ApiStage } from '../functions/domain/api-stage.ts';

export interface FlushOnRevokeProps {
  readonly keys: Construct;
  readonly authorizerFunction: IFunction;
}

/**
 * Tells the functions that end keys which stages may have cached an answer for one, and lets them flush exactly
 * those caches.
 *
 * An aspect, because stages come after the authorizer: CDK applies it when all there will be is there.
 */
export class FlushOnRevoke implements IAspect {
  readonly #props: FlushOnRevokeProps;
  /** The functions that end keys. */
  readonly functions: Function[] = [];
  /** Stages beside those that are found. */
  readonly others: ApiStage[] = [];

  constructor(props: FlushOnRevokeProps) {
    this.#props = props;
  }

  visit(node: IConstruct): void {
    const { keys, authorizerFunction } = this.#props;
    if (node !== keys) return;
    const stages = [...this.others, ...cachingStages(Stack.of(keys), authorizerFunction)];
    if (stages.length === 0) return;
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
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagement.html
 *
 * AWS does not say whether IAM sees `$default` as it is or as it stands in a URL.
 */
function cacheArns({ partition, region }: Stack, { kind, apiId, stageName }: ApiStage): string[] {
  const apis = kind === 'rest' ? 'restapis' : 'apis';
  const names = stageName === '$default' ? [stageName, encodeURIComponent(stageName)] : [stageName];
  return names.map(
    (name) => `arn:${partition}:apigateway:${region}::/${apis}/${apiId}/stages/${name}/cache/authorizers`,
  );
}
