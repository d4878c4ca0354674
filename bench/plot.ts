/** A bar. Its length is the median, and the thin line shows the spread between rounds. */
interface Bar {
  readonly name: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly accent?: boolean;
}

export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly bars: readonly Bar[];
}

const WIDTH = 860;
const NAMES_WIDTH = 350;
const VALUES_WIDTH = 90;
const ROW = 26;
const TITLE = 44;

/** Draws charts below each other, as SVG for light and dark backgrounds. */
export function plot(charts: readonly Chart[]): string {
  let y = 0;
  const parts = charts.map((chart) => {
    const drawn = draw(chart, y);
    y += TITLE + chart.bars.length * ROW;
    return drawn;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(WIDTH)} ${String(y + 16)}" font-family="system-ui, sans-serif" font-size="13">
<style>text { fill: #24292f } .bar { fill: #8c959f } .accent { fill: #1f6feb } .spread { stroke: #57606a; stroke-width: 1.5 } @media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7681 } .accent { fill: #58a6ff } .spread { stroke: #c9d1d9 } }</style>
${parts.join('\n')}
</svg>
`;
}

function draw({ title, unit, bars }: Chart, top: number): string {
  const longest = Math.max(...bars.map(({ max }) => max));
  const room = WIDTH - NAMES_WIDTH - VALUES_WIDTH;
  const length = (value: number) => ((value / longest) * room).toFixed(1);
  const rows = bars.map(({ name, median, min, max, accent = false }, index) => {
    const y = top + TITLE + index * ROW;
    const middle = String(y + 9);
    return [
      `<text x="${String(NAMES_WIDTH - 10)}" y="${String(y + 14)}" text-anchor="end">${escape(name)}</text>`,
      `<rect class="${accent ? 'accent' : 'bar'}" x="${String(NAMES_WIDTH)}" y="${String(y)}" width="${length(median)}" height="18" rx="2"/>`,
      `<line class="spread" x1="${String(NAMES_WIDTH + Number(length(min)))}" x2="${String(NAMES_WIDTH + Number(length(max)))}" y1="${middle}" y2="${middle}"/>`,
      `<text x="${String(NAMES_WIDTH + Number(length(max)) + 8)}" y="${String(y + 14)}">${median >= 10 ? median.toFixed(0) : median.toFixed(1)} ${unit}</text>`,
    ].join('');
  });
  return [`<text x="10" y="${String(top + 28)}" font-weight="600">${escape(title)}</text>`, ...rows].join('\n');
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
