import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { isKeyId } from '../../src/core/keys/key-id.ts';
import { KEY_STATUSES } from '../../src/core/keys/record.ts';
import type { KeyFilter } from '../api/keys.ts';

interface KeyFilterBarProps {
  readonly filter: KeyFilter;
  /** Takes what changes: two fields may be on their way at once. */
  readonly onChange: (changed: Partial<KeyFilter>) => void;
}

const STATUS_OPTIONS = [
  { value: 'any', label: 'Any status' },
  ...KEY_STATUSES.map((status) => ({ value: status, label: status.charAt(0).toUpperCase() + status.slice(1) })),
];

/** A prefix, alone or in a key of ours, of which only the prefix may go on. */
const PREFIX = /^(?:[\w-]+_)?(?<prefix>[0-9A-Za-z]{12})(?:_[0-9A-Za-z]{20,})?$/;
const WHOLE_KEY = /_[0-9A-Za-z]{12}_[0-9A-Za-z]{20,}/;

/**
 * A key that was pasted is a secret, and must not become part of a request's address. Those of other issuers have any form: so
 * no text is sent that has as long a word as they do. Names have shorter ones, as a rule; ids of owners are longer.
 */
const LONGEST_WORD = { name: 19, owner: 39 };
const mayBeKey = (text: string, longest: number) => text.split(/\s+/).some((word) => word.length > longest);

/** Long enough not to ask at every letter. */
const PAUSE_MS = 300;

/** Search and filters, as the API has them. */
export function KeyFilterBar({ filter, onChange }: KeyFilterBarProps) {
  const [, navigate] = useLocation();
  const name = useTyped(filter.name, (text) => {
    if (!mayBeKey(text, LONGEST_WORD.name)) onChange({ name: text });
  });
  const owner = useTyped(filter.ownerId, (text) => {
    if (!mayBeKey(text, LONGEST_WORD.owner)) onChange({ ownerId: text });
  });
  const openKey = (text: string) => {
    const prefix = prefixIn(text);
    if (prefix !== undefined) navigate(`/keys/${prefix}`);
  };
  return (
    <Grid
      gridDefinition={[
        { colspan: { default: 12, xs: 5 } },
        { colspan: { default: 6, xs: 4 } },
        { colspan: { default: 6, xs: 3 } },
      ]}
    >
      <FormField warningText={nameWarning(name.text)}>
        <Input
          type="search"
          ariaLabel="Find by the beginning of the name; press Enter to open a prefix"
          placeholder="Name, or prefix and Enter"
          value={name.text}
          onChange={({ detail }) => {
            name.type(detail.value);
            if (WHOLE_KEY.test(detail.value)) openKey(detail.value);
          }}
          onKeyDown={({ detail }) => {
            if (detail.key === 'Enter') openKey(name.text);
          }}
        />
      </FormField>
      <FormField warningText={mayBeKey(owner.text, LONGEST_WORD.owner) ? notSent(LONGEST_WORD.owner) : undefined}>
        <Input
          type="search"
          ariaLabel="Only of this owner"
          placeholder="Owner id"
          value={owner.text}
          onChange={({ detail }) => {
            owner.type(detail.value);
          }}
        />
      </FormField>
      <Select
        ariaLabel="Only in this status"
        options={STATUS_OPTIONS}
        selectedOption={STATUS_OPTIONS.find(({ value }) => value === filter.status) ?? null}
        onChange={({ detail }) => {
          const status = KEY_STATUSES.find((one) => one === detail.selectedOption.value) ?? 'any';
          onChange({ status });
        }}
      />
    </Grid>
  );
}

/** The key that a text is the id of, or the whole of. */
function prefixIn(text: string): string | undefined {
  const typed = text.trim();
  return isKeyId(typed) ? typed : PREFIX.exec(typed)?.groups?.['prefix'];
}

function nameWarning(text: string): string | undefined {
  if (!mayBeKey(text, LONGEST_WORD.name)) return undefined;
  return prefixIn(text) === undefined ? notSent(LONGEST_WORD.name) : 'Press Enter to open this key.';
}

function notSent(longest: number): string {
  return `This may be a key, which is a secret: nothing is sent that has a word of over ${String(longest)} characters.`;
}

/** A text that is handed on when the operator pauses. */
function useTyped(value: string, settle: (text: string) => void) {
  const [text, setText] = useState(value);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(settle);
  useEffect(() => {
    latest.current = settle;
  });
  useEffect(() => {
    setText(value);
  }, [value]);
  useEffect(
    () => () => {
      clearTimeout(timer.current);
    },
    [],
  );
  return {
    text,
    type: (typed: string) => {
      setText(typed);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => {
        latest.current(typed);
      }, PAUSE_MS);
    },
  };
}
