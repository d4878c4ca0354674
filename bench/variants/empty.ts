/** An empty handler, to measure the cost of the measurement. */
export function handler(): Promise<object> {
  return Promise.resolve({});
}
