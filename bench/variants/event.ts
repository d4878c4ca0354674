/** Returns the key of a benchmark event. Its label is `lk`. */
export function keyOf(event: object): string {
  return (event as { headers: Record<string, string> }).headers['x-api-key'] ?? '';
}
