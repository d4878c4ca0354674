import { readFile, writeFile } from 'node:fs/promises';
import type { Resource } from '../../support/cdk/synth.ts';

/** Resource types that MiniStack's CloudFormation doesn't have: docs/testing.md. */
const NO_TYPES: readonly string[] = ['AWS::CloudWatch::InsightRule', 'AWS::Logs::QueryDefinition'];

/** MiniStack also rejects alarms on metric math. */
function isMissing({ Type, Properties = {} }: Resource): boolean {
  return NO_TYPES.includes(Type) || (Type === 'AWS::CloudWatch::Alarm' && 'Metrics' in Properties);
}

/**
 * Removes from a template what MiniStack doesn't support. References to a removed rule are replaced by its name.
 *
 * @returns the logical IDs of the removed resources
 */
export async function leaveOutMissing(file: string): Promise<string[]> {
  const template = JSON.parse(await readFile(file, 'utf8')) as { Resources: Record<string, Resource> };
  const missing = Object.entries(template.Resources).filter(([, resource]) => isMissing(resource));
  const names = new Map(missing.map(([id, { Properties = {} }]) => [id, Properties['RuleName']]));
  const Resources = Object.fromEntries(Object.entries(template.Resources).filter(([id]) => !names.has(id)));
  const text = JSON.stringify({ ...template, Resources }, (_key, value: unknown) => {
    const [id = '', attribute] = (value as { 'Fn::GetAtt'?: string[] } | null)?.['Fn::GetAtt'] ?? [];
    return attribute === 'RuleName' && names.has(id) ? names.get(id) : value;
  });
  await writeFile(file, text);
  return [...names.keys()];
}
