import { AuthorizationType, EndpointType, LambdaIntegration, RestApi, type Method } from 'aws-cdk-lib/aws-apigateway';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { ADMIN_ROUTES, type OperationName } from '../src/management/operations.ts';
import { acknowledge } from './acknowledge.ts';
import { loggedStage } from './access-log.ts';
import type { ApiKeys } from './api-keys.ts';
import type { Usage } from './usage.ts';

export interface AdminApiProps {
  readonly keys: ApiKeys;
  /**
   * Where usage is counted, to tell of it at `GET /keys/{prefix}/usage`.
   *
   * @default there is no such route
   */
  readonly usage?: Usage;
  /**
   * How long the access log is kept.
   *
   * @default RetentionDays.ONE_YEAR
   */
  readonly logRetention?: RetentionDays;
}

/**
 * The management functions over HTTPS. Every call must be signed by an IAM principal that may make it.
 *
 * Its stage writes logs, for which API Gateway needs the account's {@link ApiGatewayLogRole}.
 *
 * @example
 * const admin = new AdminApi(this, 'Admin', { keys });
 * admin.grantManage(supportRole);
 */
export class AdminApi extends Construct {
  readonly api: RestApi;
  readonly #methods: readonly Method[];

  constructor(scope: Construct, id: string, { keys, usage, logRetention = RetentionDays.ONE_YEAR }: AdminApiProps) {
    super(scope, id);
    const api = new RestApi(this, 'Api', {
      description: 'Manages API keys',
      endpointTypes: [EndpointType.REGIONAL],
      cloudWatchRole: false,
      deployOptions: loggedStage(this, logRetention),
      defaultMethodOptions: { authorizationType: AuthorizationType.IAM },
    });
    // CDK's own output: who uses this construct decides what to put out.
    api.node.tryRemoveChild('Endpoint');
    acknowledge(
      this,
      {
        id: 'AwsSolutions-COG4',
        reason: 'The callers are IAM principals, who sign each call; there are no user accounts.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason: 'No call gets past API Gateway without an IAM signature; a WAF is its owner’s choice.',
      },
    );

    // The functions check bodies themselves, and say which field is wrong and what it accepts.
    const requestValidator = api.addRequestValidator('Validator', {
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    this.#methods = ADMIN_ROUTES.flatMap(({ method, path, operation }) => {
      const target = httpFunctionOf(operation, { keys, usage });
      if (target === undefined) return [];
      const integration = new LambdaIntegration(target, { allowTestInvoke: false });
      const requestParameters = pathParameters(path);
      return api.root.resourceForPath(path).addMethod(method, integration, { requestValidator, requestParameters });
    });
    this.api = api;
  }

  /** Allows to call every route of this API, and so to do everything with keys. */
  grantManage(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: this.#methods.map(({ methodArn }) => methodArn),
    });
  }
}

/** Returns the function for the HTTP route of an operation; `undefined` for usage where it is not counted. */
export function httpFunctionOf(
  operation: OperationName,
  { keys, usage }: { readonly keys: ApiKeys; readonly usage?: Usage | undefined },
): IFunction | undefined {
  return operation === 'usage' ? usage?.httpFunctionFor(keys) : keys.httpFunction(operation);
}

function pathParameters(path: string): Record<string, boolean> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [`method.request.path.${name}`, true]));
}
