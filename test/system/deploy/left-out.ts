import { readFile, writeFile } from 'node:fs/promises';
import type { Resource } from '../../support/cdk/synth.ts';

/** To CloudFormation these are no types, where MiniStack is it: docs/testing.md. */
const NO_TYPES: readonly string[] = ['AWS::CloudWatch::InsightRule', 'AWS::Logs::QueryDefinition'];

/** An alarm on what is reckoned from metrics, and not on a metric, it refuses as well. */
function isMissing({ Type, Properties = {} }: Resource): boolean {
  return NO_TYPES.includes(Type) || (Type === 'AWS::CloudWatch::Alarm' && 'Metrics' in Properties);
}

/**
 * Takes out of a template what MiniStack does not have. A rule's name stays where it is referred to, as it would be.
 *
 * @returns the logical ids of what was left out
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
