/** The fields that have a value: API Gateway's context has no `undefined`, and limits that are not there hold nothing back. */
export function withoutUndefined<Value>(fields: Readonly<Record<string, Value | undefined>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, Value] => field[1] !== undefined));
}
