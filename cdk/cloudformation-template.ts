import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { App, CfnOutput, DefaultStackSynthesizer, Stack } from 'aws-cdk-lib';
import {
  ASSET_RESOURCE_METADATA_ENABLED_CONTEXT,
  ASSET_RESOURCE_METADATA_PATH_KEY,
  DISABLE_ASSET_STAGING_CONTEXT,
} from 'aws-cdk-lib/cx-api';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ANY_LABEL, MAX_LABEL_LENGTH } from '../src/core/keys/key.ts';
import {
  DEFAULT_AUTHORIZER_SETTINGS,
  DEFAULT_MANAGEMENT_SETTINGS,
  SETTINGS_VARIABLE,
} from '../src/gateway/settings.ts';
import { ApiKeys } from './api-keys.ts';

const DAY_SECONDS = 24 * 3600;
/** Refers to the built folders of the functions instead of copies of them. */
const CONTEXT = { [DISABLE_ASSET_STAGING_CONTEXT]: true, [ASSET_RESOURCE_METADATA_ENABLED_CONTEXT]: true };

interface Parameter {
  readonly Type: 'String' | 'Number';
  readonly Description: string;
  readonly Default: string | number;
  readonly AllowedValues?: readonly (string | number)[];
  readonly AllowedPattern?: string;
  readonly ConstraintDescription?: string;
  readonly MinValue?: number;
  readonly MaxValue?: number;
  readonly MaxLength?: number;
}

const PARAMETERS = {
  Label: {
    Type: 'String',
    Description: 'The first part of every key, for example "acme_live". Existing keys stop working if you change it.',
    Default: DEFAULT_AUTHORIZER_SETTINGS.label,
    AllowedPattern: `^${ANY_LABEL}$`,
    MaxLength: MAX_LABEL_LENGTH,
    ConstraintDescription: `must be at most ${String(MAX_LABEL_LENGTH)} lowercase letters, digits, and single underscores between them, and start with a letter`,
  },
  UnscopedKeys: {
    Type: 'String',
    Description: 'What a key without scopes can call: every route of the stage, or no route.',
    Default: DEFAULT_AUTHORIZER_SETTINGS.unscopedKeys,
    AllowedValues: ['whole-stage', 'nothing'],
  },
  HttpResponse: {
    Type: 'String',
    Description: 'What the authorizer returns to HTTP APIs. It must match EnableSimpleResponses of the authorizer.',
    Default: DEFAULT_AUTHORIZER_SETTINGS.httpResponse,
    AllowedValues: ['iam', 'simple'],
  },
  LastUsedIntervalSeconds: {
    Type: 'Number',
    Description: 'The shortest time between two updates of the last use of a key. 0 turns the updates off.',
    Default: DEFAULT_AUTHORIZER_SETTINGS.lastUsedIntervalSeconds,
    MinValue: 0,
  },
  RetentionDays: {
    Type: 'Number',
    Description: 'How long a key stays in the table after it has expired or was revoked.',
    Default: DEFAULT_MANAGEMENT_SETTINGS.retentionSeconds / DAY_SECONDS,
    AllowedValues: [7, 30, 90, 180, 365, 730],
  },
  LogRetentionDays: {
    Type: 'Number',
    Description: 'How long the logs of the functions are kept.',
    Default: RetentionDays.ONE_YEAR,
    AllowedValues: Object.values(RetentionDays).filter(
      (days): days is RetentionDays => typeof days === 'number' && days !== RetentionDays.INFINITE,
    ),
  },
  MemorySize: {
    Type: 'Number',
    Description: 'The memory of each function, in MiB. Lambda allocates CPU in proportion.',
    Default: 512,
    MinValue: 128,
    MaxValue: 10_240,
  },
} satisfies Readonly<Record<string, Parameter>>;

/** The fields of the functions' settings that a parameter replaces, by name of the field. */
const SETTINGS: Readonly<Record<string, { readonly was: string | number; readonly sub: string }>> = {
  label: { was: DEFAULT_AUTHORIZER_SETTINGS.label, sub: 'Label' },
  unscopedKeys: { was: DEFAULT_AUTHORIZER_SETTINGS.unscopedKeys, sub: 'UnscopedKeys' },
  httpResponse: { was: DEFAULT_AUTHORIZER_SETTINGS.httpResponse, sub: 'HttpResponse' },
  lastUsedIntervalSeconds: {
    was: DEFAULT_AUTHORIZER_SETTINGS.lastUsedIntervalSeconds,
    sub: 'LastUsedIntervalSeconds',
  },
  retentionSeconds: { was: DEFAULT_MANAGEMENT_SETTINGS.retentionSeconds, sub: 'RetentionSeconds' },
};

/** CloudFormation can't calculate, so the seconds of each allowed number of days are in a mapping. */
const RETENTION_SECONDS = {
  'Fn::FindInMap': ['RetentionSeconds', { Ref: 'RetentionDays' }, 'Seconds'],
} as const;

interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, unknown>;
  readonly Metadata?: Readonly<Record<string, unknown>>;
}

interface SynthesizedTemplate {
  readonly Description?: string;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly Outputs: Readonly<Record<string, object>>;
}

/**
 * Creates a CloudFormation template with `ApiKeys` for apps without the CDK. It needs no bootstrapped account. The code of
 * each function is a local folder, `functions/<name>`, relative to the template, which `aws cloudformation package` and
 * `sam deploy` upload.
 *
 * @throws {Error} if the functions have not been built
 */
export function cloudFormationTemplate(): object {
  const app = new App({ analyticsReporting: false, context: CONTEXT });
  const stack = new Stack(app, 'Latchkey', {
    description: 'Latchkey: API keys for Amazon API Gateway',
    synthesizer: new DefaultStackSynthesizer({ generateBootstrapVersionRule: false }),
  });
  const keys = new ApiKeys(stack, 'Keys', {
    memorySize: PARAMETERS.MemorySize.Default,
    logRetention: RetentionDays.ONE_YEAR,
  });
  keys.addOutputs();
  new CfnOutput(stack, 'AuthorizerFunctionArn', {
    description: 'The Lambda authorizer, for the authorizers of your APIs',
    value: keys.authorizerFunction.functionArn,
  });
  const assembly = app.synth();
  const file = join(assembly.directory, assembly.getStackArtifact(stack.artifactId).templateFile);
  const { Description, Resources, Outputs } = JSON.parse(readFileSync(file, 'utf8')) as SynthesizedTemplate;

  return {
    AWSTemplateFormatVersion: '2010-09-09',
    Description,
    Parameters: PARAMETERS,
    Mappings: {
      RetentionSeconds: Object.fromEntries(
        PARAMETERS.RetentionDays.AllowedValues.map((days) => [String(days), { Seconds: days * DAY_SECONDS }]),
      ),
    },
    Resources: Object.fromEntries(Object.entries(Resources).map(([id, resource]) => [id, parameterized(resource)])),
    Outputs,
  };
}

/** Returns a resource with parameters and local code. The metadata of the CDK is left out. */
function parameterized({ Metadata = {}, ...resource }: Resource): object {
  const { Type, Properties } = resource;
  if (Type === 'AWS::Logs::LogGroup')
    return { ...resource, Properties: { ...Properties, RetentionInDays: { Ref: 'LogRetentionDays' } } };
  if (Type !== 'AWS::Lambda::Function') return resource;
  const { Variables } = Properties['Environment'] as { readonly Variables: Readonly<Record<string, unknown>> };
  return {
    ...resource,
    Properties: {
      ...Properties,
      Code: `functions/${basename(String(Metadata[ASSET_RESOURCE_METADATA_PATH_KEY]))}`,
      MemorySize: { Ref: 'MemorySize' },
      Environment: { Variables: { ...Variables, [SETTINGS_VARIABLE]: settings(String(Variables[SETTINGS_VARIABLE])) } },
    },
  };
}

/** Replaces the values of settings that are parameters. */
function settings(json: string): object {
  let text = json.replaceAll('${', '${!');
  for (const [field, { was, sub }] of Object.entries(SETTINGS)) {
    const value = typeof was === 'string' ? `"\${${sub}}"` : `\${${sub}}`;
    text = text.replace(`"${field}":${JSON.stringify(was)}`, `"${field}":${value}`);
  }
  return { 'Fn::Sub': text.includes('${RetentionSeconds}') ? [text, { RetentionSeconds: RETENTION_SECONDS }] : text };
}
