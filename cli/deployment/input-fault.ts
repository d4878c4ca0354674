import type { InputFault } from '../../src/management/errors.ts';

/** The flag for each field of an input. Other fields are arguments, or have no flag. */
const FLAGS: Readonly<Record<string, string>> = {
  ownerId: '--owner',
  scopes: '--scope',
  plan: '--plan',
  'limits.rate': '--rate',
  'limits.burst': '--burst',
  'limits.quota': '--quota',
  'restrictions.sourceIps': '--source-ip',
  'restrictions.origins': '--origin',
  'restrictions.stages': '--stage',
  sourceIp: '--source-ip',
  origin: '--origin',
  stage: '--stage',
  route: '--route',
  notBefore: '--not-before',
  expires: '--expires',
  overlap: '--overlap',
  idempotencyToken: '--idempotency-token',
  reason: '--reason',
  by: '--by',
  from: '--from',
  to: '--to',
  cursor: '--cursor',
  limit: '--limit',
  version: '--if-version',
};

/** Describes an invalid field by the name of its flag. */
export function faultMessage({ field, message, accepted }: InputFault): string {
  const wrong = field === '' ? message : `${flagOf(field)}: ${message}`;
  return accepted === undefined ? wrong : `${wrong}; accepted: ${accepted}`;
}

/** For a flag that can be repeated, says which one is invalid. */
function flagOf(field: string): string {
  const [, list = field, index = '0'] = /^(.+)\.(\d+)$/.exec(field) ?? [];
  const flag = FLAGS[list] ?? list;
  return index === '0' ? flag : `${flag} (number ${String(Number(index) + 1)})`;
}
