import { writeFile } from 'node:fs/promises';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

const FILE = 'dist/axe.md';
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** The appearances in which pages are checked. */
const AXE_MODES = ['light, wide', 'light, narrow', 'dark, wide', 'dark, narrow'] as const;
type AxeMode = (typeof AXE_MODES)[number];

interface Finding {
  readonly passed: number;
  readonly violated: number;
}

/** Checks pages with axe and writes a report. */
export class AxeReport {
  readonly #findings = new Map<string, Map<AxeMode, Finding>>();

  /** @returns the violated rules and the elements that violate them */
  async violationsOf(page: Page, name: string, mode: AxeMode): Promise<string[]> {
    const { violations, passes } = await new AxeBuilder({ page }).withTags(RULES).analyze();
    const found = this.#findings.get(name) ?? new Map<AxeMode, Finding>();
    this.#findings.set(name, found.set(mode, { passed: passes.length, violated: violations.length }));
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  }

  /** Writes the report as a table and prints a summary. */
  async write(): Promise<void> {
    const all = [...this.#findings.values()].flatMap((modes) => [...modes.values()]);
    const sum = (count: (finding: Finding) => number) => all.reduce((total, finding) => total + count(finding), 0);
    const cell = (finding: Finding | undefined) =>
      finding === undefined ? '–' : `${String(finding.passed)} / ${String(finding.violated)}`;
    const rows = [...this.#findings].map(([name, modes]) => [name, ...AXE_MODES.map((mode) => cell(modes.get(mode)))]);
    const lines = [['rules passed / violated', ...AXE_MODES], ['---', ...AXE_MODES.map(() => '---')], ...rows];
    await writeFile(FILE, lines.map((line) => `| ${line.join(' | ')} |\n`).join(''));
    console.log(
      `axe: ${String(rows.length)} pages and dialogs, checked ${String(all.length)} times: ${String(sum(({ passed }) => passed))} rules passed, ${String(sum(({ violated }) => violated))} violated. Report: ${FILE}`,
    );
  }
}
