import type { EnforcedRestriction } from '../../src/core/restrictions/restrictions.ts';
import { IMPORTED_FORMATS } from '../../src/core/keys/imported-key.ts';
import type { UnscopedKeys } from '../../src/core/scopes/policy.ts';
import type { ApiStage } from '../../src/gateway/api-stage.ts';
import type { SecretScanningSettings } from '../../src/gateway/settings.ts';
import { definitionOf, KEY_OPERATIONS } from '../../src/management/operations.ts';
import type { AdminConsoleProps, AuthorizerCachingProps } from '../../cdk/index.ts';

/** An enum of the jsii package, which replaces a union of strings. Its values are those strings. */
export interface EnumDefinition {
  readonly doc: string;
  /** The documentation of each value. */
  readonly values: Readonly<Record<string, string>>;
}

/** jsii has enums in place of unions of strings. A value that is missing here, or is not in the union, is a type error. */
export const ENUMS: Readonly<Record<string, EnumDefinition>> = {
  KeyOperation: {
    doc: 'An operation of the management functions.',
    values: Object.fromEntries(
      KEY_OPERATIONS.map((operation) => [operation, `${definitionOf(operation).description}.`]),
    ),
  },
  ImportedFormat: {
    doc: 'A format of imported keys: docs/importing.md describes each.',
    values: Object.fromEntries(IMPORTED_FORMATS.map((format) => [format, `Keys of the format \`${format}\`.`])),
  },
  UnscopedKeys: {
    doc: 'What a key without scopes can call.',
    values: {
      'whole-stage': 'Every route of the stage.',
      nothing: 'No route.',
    } satisfies Record<UnscopedKeys, string>,
  },
  EnforcedRestriction: {
    doc: 'A restriction that a deployment enforces, in addition to stages and validity times.',
    values: {
      sourceIp: 'Restricts a key to IP addresses and CIDR ranges.',
      origin: 'Restricts a key to web pages of an origin.',
    } satisfies Record<EnforcedRestriction, string>,
  },
  HttpResponse: {
    doc: 'What the authorizer returns to HTTP APIs.',
    values: {
      iam: 'An IAM policy for everything that the key can call, cached by key.',
      simple: 'A simple response for one request, cached by key, method and path.',
    } satisfies Record<NonNullable<AuthorizerCachingProps['httpResponse']>, string>,
  },
  SecondFactor: {
    doc: 'Whether users of the admin console need a second factor.',
    values: {
      required: 'Every user must set up an authenticator app.',
      optional: 'Users can set up an authenticator app.',
    } satisfies Record<NonNullable<AdminConsoleProps['mfa']>, string>,
  },
  CachingApi: {
    doc: 'A kind of API that caches authorization results.',
    values: {
      rest: 'A REST API.',
      http: 'An HTTP API.',
    } satisfies Record<ApiStage['kind'], string>,
  },
  LeakedKeys: {
    doc: 'What happens to a key that GitHub reports as leaked.',
    values: {
      revoke: 'The key is revoked.',
      report: 'The function reports the key in its log and does not revoke it.',
    } satisfies Record<SecretScanningSettings['leakedKeys'], string>,
  },
};
