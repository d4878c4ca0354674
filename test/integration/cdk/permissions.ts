import type { Template } from 'aws-cdk-lib/assertions';
import { resourcesOf } from '../../support/cdk/synth.ts';

/** A policy statement in a short form that tests can compare. */
export interface Permission {
  readonly actions: string[];
  /** Each has logical IDs in brackets. */
  readonly resources: string[];
  readonly condition?: unknown;
}

/** Returns the permissions of each role of a template, by the role's logical ID without CDK's hash. */
export function permissionsOf(template: Template): Record<string, Permission[]> {
  const resources = Object.entries(resourcesOf(template));
  const roles = resources.filter(([, { Type }]) => Type === 'AWS::IAM::Role').map(([id]) => id);
  return Object.fromEntries(
    roles.map((role) => {
      const policies = resources.filter(
        ([, { Type, Properties }]) =>
          Type === 'AWS::IAM::Policy' && (Properties?.['Roles'] as { Ref: string }[]).some(({ Ref }) => Ref === role),
      );
      return [withoutHash(role), policies.flatMap(([, { Properties }]) => statements(Properties?.['PolicyDocument']))];
    }),
  );
}

function statements(document: unknown): Permission[] {
  const { Statement } = document as { Statement: Record<string, unknown>[] };
  return Statement.map(({ Effect, Action, Resource, Condition, ...more }) => {
    if (Effect !== 'Allow' || Object.keys(more).length > 0) throw new Error('not a plain statement that allows');
    return {
      actions: [Action].flat().map(String).sort(),
      resources: [Resource].flat().map(short).sort(),
      ...(Condition === undefined ? {} : { condition: Condition }),
    };
  });
}

function short(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const [[intrinsic, value] = []] = Object.entries(resource as Record<string, unknown>);
  if (intrinsic === 'Ref') return `[${withoutHash(String(value))}]`;
  if (intrinsic === 'Fn::GetAtt') return `[${(value as string[]).map(withoutHash).join('.')}]`;
  if (intrinsic === 'Fn::Sub') return String(value);
  if (intrinsic === 'Fn::Join') return (value as [string, unknown[]])[1].map(short).join((value as [string])[0]);
  throw new Error(`unknown intrinsic ${String(intrinsic)}`);
}

function withoutHash(logicalId: string): string {
  return logicalId.replace(/[0-9A-F]{8}$/, '');
}
