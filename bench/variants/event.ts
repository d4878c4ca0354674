/** The key that an event of the benchmark carries, found the short way. Its label is `lk`. */
export function keyOf(event: object): string {
  return (event as { headers: Record<string, string> }).headers['x-api-key'] ?? '';
}
