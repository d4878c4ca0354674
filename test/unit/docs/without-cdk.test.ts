import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import {
  AUTHORIZER_FIELDS,
  DEFAULT_AUTHORIZER_SETTINGS,
  DEFAULT_MANAGEMENT_SETTINGS,
  fromEnvironment,
  MANAGEMENT_FIELDS,
  SETTINGS_VARIABLE,
} from '../../../src/gateway/settings.ts';

const page = readFileSync('docs/how-to/without-cdk.md', 'utf8');
const [authorizer = '', management = ''] = [...page.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => json);

it('documents the default settings of the authorizer and of the management functions', () => {
  expect(page).toContain(`\`${SETTINGS_VARIABLE}\``);
  expect(JSON.parse(authorizer)).toEqual(DEFAULT_AUTHORIZER_SETTINGS);
  expect(JSON.parse(management)).toEqual(DEFAULT_MANAGEMENT_SETTINGS);
});

it.each([
  ['the authorizer accepts', authorizer, AUTHORIZER_FIELDS],
  ['the management functions accept', management, MANAGEMENT_FIELDS],
])('documents settings that %s', (_who, settings, fields) => {
  const environment = { LATCHKEY_TABLE: 'keys', [SETTINGS_VARIABLE]: settings };
  expect(fromEnvironment(environment, fields as typeof MANAGEMENT_FIELDS).tableName).toBe('keys');
});
