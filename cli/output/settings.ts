import { fieldAccepts, type AttributesJsonSchema } from '../../functions/domain/attributes.ts';
import type { DeploymentSettings } from '../../functions/manage/operations/settings.ts';
import { printable } from './screen.ts';
import { detailsOf } from './table.ts';

/** What keys can be, one fact a line; each attribute a line too. */
export function settingsDetails({
  label,
  plans,
  attributes,
  ownerSuspension,
  restrictions,
}: DeploymentSettings): string {
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
    const need = required.includes(name) ? ', required' : '';
    return [`Attribute ${name}`, printable(`${fieldAccepts(field)}${need}`)];
  });
}
