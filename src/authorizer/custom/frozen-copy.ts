/**
 * Returns a deep copy that cannot be changed, for your own code. What the authorizer decides by is its own: it may be kept
 * in memory for other requests, such as the record of a key or the limits of a plan.
 *
 * @throws {DOMException} if the value holds what cannot be cloned, such as a function
 */
export function frozenCopy<Value>(value: Value): Value {
  return deepFreeze(structuredClone(value));
}

function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  // Binary data cannot be frozen. It is a copy all the same.
  if (ArrayBuffer.isView(value)) return value;
  Object.freeze(value);
  for (const part of Object.values(value)) deepFreeze(part);
  return value;
}
