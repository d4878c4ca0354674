/**
 * Returns a deep copy that cannot be changed, for hooks. The original can be in memory for other requests, such as a cached
 * record or the limits of a plan.
 *
 * @throws {DOMException} if a part of the value cannot be cloned, such as a function
 */
export function frozenCopy<Value>(value: Value): Value {
  return deepFreeze(structuredClone(value));
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  // Binary data cannot be frozen. It is still a copy.
  if (ArrayBuffer.isView(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
