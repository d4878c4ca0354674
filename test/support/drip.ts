import type { ServerResponse } from 'node:http';

/** An answer that begins well, comes in drops, and never ends. */
export function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '100000' });
  const drops = setInterval(() => response.write(' '), 50);
  response.on('close', () => {
    clearInterval(drops);
  });
}
