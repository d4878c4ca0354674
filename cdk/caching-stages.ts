import { Stack, Stage } from 'aws-cdk-lib';
import { CfnAuthorizer, CfnStage } from 'aws-cdk-lib/aws-apigateway';
import { CfnAuthorizer as CfnAuthorizerV2, CfnStage as CfnStageV2 } from 'aws-cdk-lib/aws-apigatewayv2';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import type { ApiStage } from '../src/gateway/api-stage.ts';
import { identityOf, referencedBy } from './references.ts';

/** A stage and the stack that defines it. */
export interface DefinedStage extends ApiStage {
  readonly stack: Stack;
}

/**
 * Returns the stages of this app whose API has an authorizer that invokes this function and caches its results. Each has
 * the name of the stage as a string. A reference to the stage would make the functions that flush it depend on it, and so
 * on the methods of the API, which can invoke these functions.
 */
export function cachingStages(authorizerFunction: IFunction): DefinedStage[] {
  const nodes = Stage.of(authorizerFunction)?.node.findAll() ?? Stack.of(authorizerFunction).node.findAll();
  const invokes = (node: IConstruct, uri: string | undefined) =>
    referencedBy(uri, node).some((target) => target === authorizerFunction.node.defaultChild);

  const rest = nodes
    .filter((node) => CfnAuthorizer.isCfnAuthorizer(node))
    // Without a TTL, API Gateway caches for five minutes.
    .filter((one) => invokes(one, one.authorizerUri) && one.authorizerResultTtlInSeconds !== 0)
    .map((one) => identityOf(one.restApiId, one));
  const http = nodes
    .filter((node) => CfnAuthorizerV2.isCfnAuthorizer(node))
    // The authorizer of a WebSocket API has no TTL.
    .filter((one) => invokes(one, one.authorizerUri) && (one.authorizerResultTtlInSeconds ?? 0) > 0)
    .map((one) => identityOf(one.apiId, one));
  return [
    ...nodes
      .filter((node) => CfnStage.isCfnStage(node))
      .flatMap((node): DefinedStage[] => {
        const { restApiId, stageName } = node;
        if (stageName === undefined || !rest.includes(identityOf(restApiId, node))) return [];
        return [{ kind: 'rest', apiId: restApiId, stageName, stack: Stack.of(node) }];
      }),
    ...nodes
      .filter((node) => CfnStageV2.isCfnStage(node))
      .flatMap((node): DefinedStage[] => {
        const { apiId, stageName } = node;
        return http.includes(identityOf(apiId, node))
          ? [{ kind: 'http', apiId, stageName, stack: Stack.of(node) }]
          : [];
      }),
  ];
}
