import Grid from '@cloudscape-design/components/grid';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { KEY_STATUSES } from '../../functions/domain/record.ts';
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

/** A prefix, or a whole key, of which only the prefix may go on. */
const PREFIX = /^(?:[\w-]+_)?(?<prefix>[0-9A-Za-z]{12})(?:_[0-9A-Za-z]{20,})?$/;
const WHOLE_KEY = /_[0-9A-Za-z]{12}_[0-9A-Za-z]{20,}/;

/** Long enough not to ask at every letter. */
const PAUSE_MS = 300;

/** Search and filters, as the API has them. */
export function KeyFilterBar({ filter, onChange }: KeyFilterBarProps) {
  const [, navigate] = useLocation();
  const name = useTyped(filter.name, (text) => {
    // A key that was pasted is a secret: it must not become part of a request's address.
    if (!WHOLE_KEY.test(text)) onChange({ name: text });
  });
  const owner = useTyped(filter.ownerId, (text) => {
    if (!WHOLE_KEY.test(text)) onChange({ ownerId: text });
  });
  const openPrefix = (text: string) => {
    const prefix = PREFIX.exec(text.trim())?.groups?.['prefix'];
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
      <Input
        type="search"
        ariaLabel="Find by the beginning of the name; press Enter to open a prefix"
        placeholder="Name, or prefix and Enter"
        value={name.text}
        onChange={({ detail }) => {
          name.type(detail.value);
          if (WHOLE_KEY.test(detail.value)) openPrefix(detail.value);
        }}
        onKeyDown={({ detail }) => {
          if (detail.key === 'Enter') openPrefix(name.text);
        }}
      />
      <Input
        type="search"
        ariaLabel="Only of this owner"
        placeholder="Owner id"
        value={owner.text}
        onChange={({ detail }) => {
          owner.type(detail.value);
        }}
      />
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
