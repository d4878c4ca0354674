import { createHash } from 'node:crypto';
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import fc from 'fast-check';
import { TARGETS, type KeptCase, type Target, type TargetName, type Targets } from './targets.ts';

const CORPUS = 'test/system/fuzz/corpus';

/** The inputs of a batch depend only on the seed and the batch's number, so a run can start at any batch. */
const BATCH = 250;

export interface Finding {
  readonly kept: KeptCase;
  readonly fault: string;
}

/** Runs one batch against every target. Resolves with the first failing case, shrunk. */
export async function runBatch(
  under: Targets,
  seed: number,
  batch: number,
  size = BATCH,
): Promise<Finding | undefined> {
  for (const name of TARGETS) {
    const once = (fault: string) => under.tally.onlyOnce.push(`${fault}: ${name}, batch ${String(batch)}`);
    const finding = await search(under[name], seedOf(seed, batch, name), size, once);
    if (finding === undefined) continue;
    const found = `--seed ${String(seed)} --from ${String(batch)}`;
    return { fault: finding.fault, kept: { target: name, found, case: finding.example } as KeptCase };
  }
  return undefined;
}

/** A failure that is not reproduced may come from DynamoDB Local on a busy machine. It is counted. */
const MAY_BE_THE_MACHINE = /^(?:a 500|the function has failed|what was)/;
/** More unreproduced failures than this in one run are a real fault. */
export const MAX_ONLY_ONCE = 3;

async function search(
  target: Target<unknown>,
  seed: number,
  size: number,
  noteOnce: (fault: string) => void,
): Promise<{ fault: string; example: unknown } | undefined> {
  const property = fc.asyncProperty(target.cases, async (example) => {
    const first = await target.faultOf(example);
    if (first === undefined) return;
    const fault = MAY_BE_THE_MACHINE.test(first) ? await target.faultOf(example) : first;
    if (fault !== undefined) throw new Error(fault);
    noteOnce(`${first}: ${JSON.stringify(example).slice(0, 2000)}`);
  });
  const result = await fc.check(property, { seed, numRuns: size, interruptAfterTimeLimit: 120_000 });
  if (!result.failed) return undefined;
  const [example] = result.counterexample ?? [];
  return { example, fault: String(result.errorInstance) };
}

function seedOf(seed: number, batch: number, target: TargetName): number {
  return createHash('sha256')
    .update(`${String(seed)} ${String(batch)} ${target}`)
    .digest()
    .readInt32LE();
}

/** Runs a kept case again. */
export function retry(under: Targets, kept: KeptCase): Promise<string | undefined> {
  switch (kept.target) {
    case 'admin':
      return under.admin.faultOf(kept.case);
    case 'authorizer':
      return under.authorizer.faultOf(kept.case);
    case 'leaks':
      return under.leaks.faultOf(kept.case);
  }
}

/** Adds a case to the corpus. Returns the file's name. */
export function keep(kept: KeptCase): string {
  mkdirSync(CORPUS, { recursive: true });
  const text = `${JSON.stringify(kept, undefined, 2)}\n`;
  const file = `${CORPUS}/${kept.target}-${createHash('sha256').update(JSON.stringify(kept.case)).digest('hex').slice(0, 8)}.json`;
  writeFileSync(file, text);
  return file;
}

export function keptCases(): { file: string; kept: KeptCase }[] {
  return globSync(`${CORPUS}/*.json`)
    .toSorted()
    .map((file) => ({ file, kept: JSON.parse(readFileSync(file, 'utf8')) as KeptCase }));
}
