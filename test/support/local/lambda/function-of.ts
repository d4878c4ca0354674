import type { Log } from '../../../../local/lambda/environment.ts';
import { LocalFunction } from '../../../../local/lambda/local-function.ts';

/** Creates a function whose handler has the given body. The body can use `event` and `context`. */
export function functionOf(
  body: string,
  options: { variables?: Record<string, string>; timeoutMs?: number; log?: Log } = {},
): LocalFunction {
  const { variables = {}, timeoutMs = 10_000, log = () => undefined } = options;
  const bundle = `data:text/javascript,${encodeURIComponent(`export const handler = async (event, context) => { ${body} };`)}`;
  return new LocalFunction({ name: 'subject', bundle, variables, timeoutMs }, log);
}
