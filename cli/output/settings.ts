import { fieldAccepts, type AttributesJsonSchema } from '../../src/core/attributes/attributes.ts';
import type { DeploymentSettings } from '../../src/management/operations/settings.ts';
import { detailsOf } from './table.ts';
import type { TerminalText } from './terminal-text.ts';

/** Returns the settings and attributes of a deployment, one per line. */
export function settingsDetails({
  label,
  plans,
  attributes,
  ownerSuspension,
  restrictions,
}: DeploymentSettings): TerminalText {
  const planNames = Object.keys(plans);
  return detailsOf([
    ['Label', label],
    ['Plans', planNames.length === 0 ? '(none)' : planNames.join(', ')],
    ['Owners', ownerSuspension ? 'can be suspended' : 'cannot be suspended'],
    ['Restrictions', ['stages', 'times', ...restrictions].join(', ')],
    ...(attributes === null ? [] : fieldsOf(attributes)),
  ]);
}

function fieldsOf({ properties, required = [] }: AttributesJsonSchema): (readonly [string, string])[] {
  return Object.entries(properties).map(([name, field]) => {
    const suffix = required.includes(name) ? ', required' : '';
    return [`Attribute ${name}`, `${fieldAccepts(field)}${suffix}`];
  });
}
