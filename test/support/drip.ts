import type { ServerResponse } from 'node:http';

/** A response that starts normally, then arrives byte by byte and never completes. */
export function drip(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': '100000' });
  const drops = setInterval(() => response.write(' '), 50);
  response.on('close', () => {
    clearInterval(drops);
  });
}
