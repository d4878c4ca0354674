import { Annotations, type Duration } from 'aws-cdk-lib';
import type { IAuthorizer } from 'aws-cdk-lib/aws-apigateway';
import type { IHttpRouteAuthorizer, IWebSocketRouteAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2';
import { Function, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import type { AuthorizerCachingProps } from './api-keys-props.ts';
import { authorizerCaching } from './authorizer-caching.ts';
import { Authorizers } from './authorizers.ts';
import type { IApiKeysAuthorizers } from './i-api-keys.ts';
import { keySourcesFault } from './key-sources.ts';

/** Attributes of keys in another app or account. */
export interface ApiKeysAttributes extends AuthorizerCachingProps {
  /**
   * The ARN of the authorizer's function: `authorizerFunction.functionArn` of the `ApiKeys`. The stack output
   * `AuthorizerFunctionName` has its name.
   */
  readonly authorizerFunctionArn: string;
  /**
   * Whether the function is in the same account and Region as the stack, so that the stack can add the permission for API
   * Gateway to invoke it.
   *
   * @default true if the stack knows its account and it is the account of the ARN
   */
  readonly sameEnvironment?: boolean;
}

/** The authorizer of keys in another app or account. */
export class ImportedApiKeys extends Construct implements IApiKeysAuthorizers {
  readonly authorizerFunction: IFunction;
  readonly cacheTtl: Duration;
  readonly #authorizers: Authorizers;

  constructor(scope: Construct, id: string, attrs: ApiKeysAttributes) {
    super(scope, id);
    const caching = authorizerCaching(attrs);
    const fault = attrs.keySources === undefined ? undefined : keySourcesFault(attrs.keySources);
    if (fault !== undefined) throw new Error(fault);
    this.authorizerFunction = Function.fromFunctionAttributes(this, 'Authorizer', {
      functionArn: attrs.authorizerFunctionArn,
      ...(attrs.sameEnvironment === undefined ? {} : { sameEnvironment: attrs.sameEnvironment }),
    });
    this.cacheTtl = caching.ttl;
    this.#authorizers = new Authorizers({
      keys: this,
      handler: this.authorizerFunction,
      caching,
      httpResponse: attrs.httpResponse ?? 'iam',
    });
    if (caching.ttl.toSeconds() > 0)
      Annotations.of(this).addWarningV2(
        'latchkey-not-flushed',
        `Revocations do not flush the authorizer caches of APIs that use ${this.node.path}: a revoked key can be allowed for up to ${String(caching.ttl.toSeconds())} seconds. ` +
          'Call flushOnRevoke() with the stages in the app of the keys, which must be in the same account and Region, or set a shorter cacheTtl. Then acknowledge this warning.',
      );
  }

  restAuthorizer(): IAuthorizer {
    return this.#authorizers.rest();
  }

  httpAuthorizer(): IHttpRouteAuthorizer {
    return this.#authorizers.http();
  }

  webSocketAuthorizer(): IWebSocketRouteAuthorizer {
    return this.#authorizers.webSocket();
  }
}
