import type { InputFault } from '../../src/management/errors.ts';

/** What a field of an input is called on the command line. Those that are missing are arguments, or have no flag of their own. */
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

/** What was wrong with an input, to whoever typed it. */
export function faultInWords({ field, message, accepted }: InputFault): string {
  const wrong = field === '' ? message : `${flagOf(field)}: ${message}`;
  return accepted === undefined ? wrong : `${wrong}; accepted: ${accepted}`;
}

/** An option that can be repeated is a list, of which one is at fault. */
function flagOf(field: string): string {
  const [, list = field, index = '0'] = /^(.+)\.(\d+)$/.exec(field) ?? [];
  const flag = FLAGS[list] ?? list;
  return index === '0' ? flag : `${flag} (number ${String(Number(index) + 1)})`;
}
