import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { apiCost, costOf, decisionTime } from '../../../docs/.vitepress/cost.ts';

/** The rows of a table in docs/cost.md, as cells without markup. */
function rowsOf(section: string): string[][] {
  const text = readFileSync('docs/cost.md', 'utf8').split(`## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  const lines = text.split('\n').filter((line) => line.startsWith('|'));
  return lines.slice(2).map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.replaceAll(/[*$%,]/g, '').trim()),
  );
}

const million = (memory: number, hitRate = 0) => costOf({ requests: 1e6, hitRate, memory });

describe('the cost calculator', () => {
  it('computes the parts that the page shows for a million decisions', () => {
    const { lambdaRequests, lambdaTime, reads, logs, total } = million(512);
    expect(rowsOf('A million decisions').map((cells) => cells.at(-1))).toEqual([
      ...[lambdaRequests, lambdaTime, reads, logs].map((part) => part.toFixed(3)),
      total.toFixed(2),
    ]);
  });

  it('computes the costs that the page shows by cache hits and memory', () => {
    const rows = rowsOf('By cache hits');
    expect(rows).toHaveLength(3);
    for (const [hits = '', ...costs] of rows)
      expect(costs.map(Number)).toEqual(
        [128, 512, 1769].map((memory) => Number(million(memory, Number(hits) / 100).total.toPrecision(2))),
      );
  });

  it('computes the times and costs that the page shows by memory', () => {
    const rows = rowsOf('By memory');
    expect(rows).toHaveLength(5);
    for (const [memory, time, cost] of rows) {
      expect(decisionTime(Number(memory))).toBe(Number(time));
      const { lambdaRequests, lambdaTime } = million(Number(memory));
      expect((lambdaRequests + lambdaTime).toFixed(2)).toBe(cost);
    }
  });

  it('knows the prices of requests that the page names', () => {
    const [, rest, http] = /\$([\d.]+) per million requests to a REST API, \$([\d.]+) to an HTTP API/.exec(
      readFileSync('docs/cost.md', 'utf8'),
    ) ?? ['', '', ''];
    expect(apiCost(1e6, 'rest')).toBeCloseTo(Number(rest));
    expect(apiCost(1e6, 'http')).toBeCloseTo(Number(http));
  });

  it('costs nothing when every request is authorized from the cache', () => {
    expect(million(512, 1).total).toBe(0);
  });
});
