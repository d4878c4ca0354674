import { runUnsafeSimulation } from '@cloud-copilot/iam-simulate';
import type { Template } from 'aws-cdk-lib/assertions';
import { resourcesOf, type Resource } from '../../support/cdk/synth.ts';

const ACCOUNT = '123456789012';
const REGION = 'eu-west-1';
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
};

/** The ARNs that CloudFormation would return for the resources in policies, by type and attribute. */
const ARNS: Readonly<Record<string, (id: string) => string>> = {
  'AWS::DynamoDB::GlobalTable.Arn': (id) => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${id}`,
  'AWS::DynamoDB::GlobalTable.StreamArn': (id) =>
    `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${id}/stream/2027-01-01T00:00:00.000`,
  'AWS::Logs::LogGroup.Arn': (id) => `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${id}:*`,
  'AWS::SQS::Queue.Arn': (id) => `arn:aws:sqs:${REGION}:${ACCOUNT}:${id}`,
  'AWS::Lambda::Function.Arn': (id) => `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${id}`,
  // CloudFormation returns the ARN for a reference to a secret.
  'AWS::SecretsManager::Secret.Ref': (id) => `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${id}-AbCdEf`,
};

/** The ARN of a resource of API Gateway's management API, by its path. */
export function gatewayArn(path: string): string {
  return `arn:aws:apigateway:${REGION}::${path}`;
}

/** The ARN of an event bus. */
export function busArn(name: string): string {
  return `arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${name}`;
}

/** A template as if it were deployed: references are resolved, and the policies of each role can be evaluated. */
export class DeployedRoles {
  readonly #resources: Record<string, Resource>;

  constructor(template: Template) {
    this.#resources = resourcesOf(template);
  }

  /** Returns the logical ID of the resource of a type, given the ID without the hash that CDK appends. */
  idOf(type: string, idStart: string): string {
    const found = Object.entries(this.#resources).filter(
      ([id, resource]) => resource.Type === type && id.replace(/[0-9A-F]{8}$/, '') === idStart,
    );
    const [only, another] = found;
    if (only === undefined || another !== undefined) throw new Error(`${String(found.length)} of ${type} ${idStart}`);
    return only[0];
  }

  arnOf(type: string, idStart: string, attribute = 'Arn'): string {
    return this.#arn(this.idOf(type, idStart), attribute);
  }

  /** Returns the ARNs of all resources of a type. */
  arnsOf(type: string): string[] {
    const ids = Object.entries(this.#resources).filter(([, resource]) => resource.Type === type);
    return ids.map(([id]) => this.#arn(id, 'Arn'));
  }

  /** What Lambda needs to send failed events to a queue. The CDK's grant adds the last two. */
  toQueue(idStart: string): string[] {
    const queue = this.arnOf('AWS::SQS::Queue', idStart);
    return ['SendMessage', 'GetQueueAttributes', 'GetQueueUrl'].map((action) => `sqs:${action} ${queue}`);
  }

  /** The log group of a role's function. */
  logOf(role: string): string {
    return this.arnOf('AWS::Logs::LogGroup', role.replace(/Role$/, 'Log'));
  }

  /** The roles of Latchkey's functions, by logical ID without the hash. */
  get functionRoles(): string[] {
    const functions = Object.values(this.#resources).filter(({ Type }) => Type === 'AWS::Lambda::Function');
    return functions.map(({ Properties }) => {
      const [role = ''] = (Properties?.['Role'] as { 'Fn::GetAtt': string[] })['Fn::GetAtt'];
      return role.replace(/[0-9A-F]{8}$/, '');
    });
  }

  /** The identity policies of a role. */
  policiesOf(role: string): object[] {
    const id = this.idOf('AWS::IAM::Role', role);
    return Object.values(this.#resources)
      .filter(({ Type }) => Type === 'AWS::IAM::Policy')
      .filter(({ Properties }) => (Properties?.['Roles'] as { Ref: string }[]).some(({ Ref }) => Ref === id))
      .map(({ Properties }) => this.#resolve(Properties?.['PolicyDocument']) as object);
  }

  #resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.#resolve(one));
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument] = []] = Object.entries(value as Record<string, unknown>);
    if (name === 'Ref') return this.#ref(String(argument));
    if (name === 'Fn::GetAtt') return this.#arn(...(argument as [id: string, attribute: string]));
    if (name === 'Fn::Join') {
      const [separator, parts] = this.#resolve(argument) as [string, unknown[]];
      return parts.join(separator);
    }
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, this.#resolve(one)]));
  }

  #ref(id: string): string {
    return PSEUDO[id] ?? ARNS[`${this.#resources[id]?.Type ?? ''}.Ref`]?.(id) ?? id;
  }

  #arn(id: string, attribute: string): string {
    const type = this.#resources[id]?.Type ?? '';
    const arn = ARNS[`${type}.${attribute}`]?.(id);
    if (arn === undefined) throw new Error(`no ${attribute} is known for ${id}, of type ${type}`);
    return arn;
  }
}

export interface Asked {
  readonly action: string;
  readonly resource: string;
  /** The condition keys of a request. */
  readonly context?: Readonly<Record<string, string | string[]>>;
}

/** Whether IAM would allow a role with these policies to perform the action, by an independent evaluator. */
export function iamAllows(policies: readonly object[], { action, resource, context = {} }: Asked): boolean {
  return (
    runUnsafeSimulation(
      {
        request: {
          principal: `arn:aws:iam::${ACCOUNT}:role/function`,
          action,
          resource: { resource, accountId: ACCOUNT },
          contextVariables: context,
        },
        identityPolicies: policies.map((policy, index) => ({ name: String(index), policy })),
        serviceControlPolicies: [],
        resourceControlPolicies: [],
      },
      {},
    ) === 'Allowed'
  );
}
