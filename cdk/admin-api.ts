import {
  AuthorizationType,
  EndpointType,
  LambdaIntegration,
  MockIntegration,
  PassthroughBehavior,
  RestApi,
  type Method,
} from 'aws-cdk-lib/aws-apigateway';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ADMIN_ROUTES, requirementOf, type OperationName } from '../src/management/operations.ts';
import { loggedStage } from './access-log.ts';
import { acknowledge } from './acknowledge.ts';
import type { IApiKeys } from './i-api-keys.ts';
import type { Usage } from './usage.ts';

/** The status of the error `not_enabled`. */
const NOT_ENABLED_STATUS = '409';

/** Properties of {@link AdminApi}. */
export interface AdminApiProps {
  /** The keys that the API manages. */
  readonly keys: IApiKeys;
  /**
   * The usage counters that `GET /keys/{prefix}/usage` reads.
   *
   * @default the route returns the error `not_enabled`
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
 * A REST API for the management functions. Requests must be signed by an IAM principal with permission to call the route.
 *
 * Its stage writes logs, for which API Gateway needs the account's `ApiGatewayLogRole`.
 *
 * @example
 * const admin = new AdminApi(this, 'Admin', { keys });
 * admin.grantManage(supportRole);
 */
export class AdminApi extends Construct {
  /** The REST API. */
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
    // CDK's own output. The app decides which outputs its stack has.
    api.node.tryRemoveChild('Endpoint');
    acknowledge(
      this,
      {
        id: 'AwsSolutions-COG4',
        reason: 'Callers are IAM principals, which sign each request. There are no user accounts.',
      },
      {
        id: 'AwsSolutions-APIG3',
        reason:
          'API Gateway rejects every request without an IAM signature. Whether to add a WAF is up to the account owner.',
      },
    );

    // The functions validate bodies themselves. Their errors name the field and the accepted values.
    const requestValidator = api.addRequestValidator('Validator', {
      validateRequestBody: true,
      validateRequestParameters: true,
    });
    this.#methods = ADMIN_ROUTES.map(({ method, path, operation }) => {
      const target = httpFunctionOf(operation, { keys, usage });
      const integration =
        target === undefined ? notEnabled(operation) : new LambdaIntegration(target, { allowTestInvoke: false });
      return api.root.resourceForPath(path).addMethod(method, integration, {
        requestValidator,
        requestParameters: pathParameters(path),
        ...(target === undefined && { methodResponses: [{ statusCode: NOT_ENABLED_STATUS }] }),
      });
    });
    this.api = api;
  }

  /** Grants permission to call every route of this API, and so to manage keys without limits. */
  grantManage(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({
      grantee,
      actions: ['execute-api:Invoke'],
      resourceArns: this.#methods.map(({ methodArn }) => methodArn),
    });
  }
}

/** Returns the function for the HTTP route of an operation; `undefined` if the deployment doesn't enable the operation. */
export function httpFunctionOf(
  operation: OperationName,
  { keys, usage }: { readonly keys: IApiKeys; readonly usage?: Usage | undefined },
): IFunction | undefined {
  if (operation === 'usage') return usage?.httpFunctionFor(keys);
  return keys.operations.includes(operation) ? keys.httpFunction(operation) : undefined;
}

/** A response with the error `not_enabled`. Without the route, API Gateway would return `Missing Authentication Token`. */
function notEnabled(operation: OperationName): MockIntegration {
  const error = {
    code: 'not_enabled',
    message: `This deployment does not enable the operation "${operation}", which requires ${String(requirementOf(operation))}.`,
  };
  return new MockIntegration({
    requestTemplates: { 'application/json': `{"statusCode": ${NOT_ENABLED_STATUS}}` },
    passthroughBehavior: PassthroughBehavior.WHEN_NO_TEMPLATES,
    integrationResponses: [
      { statusCode: NOT_ENABLED_STATUS, responseTemplates: { 'application/json': JSON.stringify({ error }) } },
    ],
  });
}

function pathParameters(path: string): Record<string, boolean> {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  return Object.fromEntries(names.map((name) => [`method.request.path.${name}`, true]));
}
