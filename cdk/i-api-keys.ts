import type { Duration } from 'aws-cdk-lib';
import type { IAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { IHttpRouteAuthorizer, IWebSocketRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ITable, ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IConstruct } from 'constructs';
import type { AttributesJsonSchema } from '../src/core/attributes/attributes.ts';
import type { Plans } from '../src/core/limits/limits.ts';
import type { EnforcedRestriction } from '../src/core/restrictions/restrictions.ts';
import type { KeyOperation } from '../src/management/operations.ts';
import type { FunctionOptions } from './latchkey-function.ts';

/** API keys that can protect an API: an `ApiKeys` of this app, or the authorizer of one in another app or account. */
export interface IApiKeysAuthorizers extends IConstruct {
  /** The function that API Gateway invokes to authorize a request. */
  readonly authorizerFunction: IFunction;
  /** How long API Gateway caches an authorization result; 0 if it caches none. */
  readonly cacheTtl: Duration;

  /**
   * Returns the authorizer for the methods of a REST API. It is created in the stack of that API, once for each API,
   * however often you call this method.
   */
  restAuthorizer(): IAuthorizer;

  /** Returns the authorizer for the routes of HTTP APIs. It is created in the stack of each API, once for each API. */
  httpAuthorizer(): IHttpRouteAuthorizer;

  /**
   * Returns the authorizer for the `$connect` route of WebSocket APIs. It is created in the stack of each API, once for
   * each API.
   */
  webSocketAuthorizer(): IWebSocketRouteAuthorizer;
}

/** API keys of this app: what `AdminApi`, `Usage`, `Monitoring` and the other constructs need of an `ApiKeys`. */
export interface IApiKeys extends IApiKeysAuthorizers {
  /** The table that stores the keys. */
  readonly table: ITable | ITableV2;
  /** The first part of every key. */
  readonly label: string;
  /** The named limits that keys can share. */
  readonly plans: Plans;
  /** The restrictions that keys can have, in addition to stages and validity times. */
  readonly restrictions: readonly EnforcedRestriction[];
  /** Whether the functions only read keys, because the table is a replica. */
  readonly readOnly: boolean;
  /** The JSON Schema that `metadata` must match; `undefined` if any metadata is accepted. */
  readonly attributes: AttributesJsonSchema | undefined;
  /** Whether the authorizer returns the usage identifier key that usage plans need. */
  readonly usagePlans: boolean;
  /** The options of all functions of these keys. */
  readonly functionOptions: FunctionOptions;
  /** The log group of the authorizer. It receives one line for each decision. */
  readonly authorizerLogGroup: ILogGroup;
  /** The operations that have a function: without `ownerSuspension`, all but `owner`, `suspend` and `resume`. */
  readonly operations: readonly KeyOperation[];

  /**
   * Returns the function of an operation for an integration with a route of an API.
   *
   * @throws {Error} if the operation has no function
   */
  httpFunction(operation: KeyOperation): IFunction;

  /**
   * Grants permission to invoke the function of an operation directly.
   *
   * @throws {Error} if the operation has no function
   */
  grant(operation: KeyOperation, grantee: IGrantable): Grant;
}
