import type { KeyFields, KeyView } from '../api/keys.ts';
import { changesOf, type KeyDraft } from './draft.ts';

/** A field that someone changed after the form was opened. */
export interface ConflictRow {
  readonly field: string;
  readonly before: unknown;
  /** The value that another user has saved. */
  readonly theirs: unknown;
  /** The value in the form, or `undefined` if the user didn't change it. */
  readonly yours: unknown;
}

const FIELDS = {
  name: 'Name',
  expires: 'Expires',
  notBefore: 'Not before',
  plan: 'Plan',
  limits: 'Key-specific limits',
  scopes: 'Scopes',
  restrictions: 'Restrictions',
  metadata: 'Metadata',
  status: 'Status',
} as const;

interface Versions {
  readonly opened: KeyView;
  readonly current: KeyView;
  readonly initial: KeyDraft;
  readonly draft: KeyDraft;
}

/** Returns the fields that either user has changed. */
export function conflictRows({ opened, current, initial, draft }: Versions): readonly ConflictRow[] {
  const yours: Readonly<Record<string, unknown>> = { ...changesOf(draft, initial) };
  const [before, theirs] = [valuesOf(opened), valuesOf(current)];
  return Object.entries(FIELDS).flatMap(([name, field]) => {
    const row = { field, before: before[name], theirs: theirs[name], yours: yours[name] };
    const changed = JSON.stringify(row.before) !== JSON.stringify(row.theirs) || name in yours;
    return changed ? [row] : [];
  });
}

function valuesOf({ expiresAt, ...key }: KeyView): Readonly<Record<string, unknown>> & KeyFields {
  return { ...key, ownerId: key.ownerId ?? '', expires: expiresAt };
}
