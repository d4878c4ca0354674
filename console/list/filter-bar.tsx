import FormField from '@cloudscape-design/components/form-field';
import Grid from '@cloudscape-design/components/grid';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import type { ListState } from './list-state.ts';
import { containsKey, LONGEST_WORD, mayBeKey, prefixIn } from './may-be-key.ts';
import { isShowFilter, SHOW_FILTERS } from './show-filter.ts';

interface KeyFilterBarProps {
  readonly state: ListState;
  readonly onChange: (changed: Partial<ListState>) => void;
}

const MODES = [
  { value: 'name', label: 'Name' },
  { value: 'contains', label: 'Any field' },
] as const;
type Mode = (typeof MODES)[number]['value'];

const SHOW_OPTIONS = Object.entries(SHOW_FILTERS).map(([value, label]) => ({ value, label }));

/** How long to wait after a keystroke before searching. */
const PAUSE_MS = 300;

/** The search field and the filters of the list. */
export function KeyFilterBar({ state, onChange }: KeyFilterBarProps) {
  const [, navigate] = useLocation();
  const [mode, setMode] = useState<Mode>(state.contains === '' ? 'name' : 'contains');
  const search = useTyped(mode === 'name' ? state.name : state.contains, (text) => {
    if (!mayBeKey(text, 'name')) onChange({ name: '', contains: '', [mode]: text });
  });
  const owner = useTyped(state.ownerId, (text) => {
    if (!mayBeKey(text, 'ownerId')) onChange({ ownerId: text });
  });
  const openKey = (text: string) => {
    const prefix = prefixIn(text);
    if (prefix !== undefined) navigate(`/keys/${prefix}`);
  };
  return (
    <Grid
      gridDefinition={[
        { colspan: { default: 12, xs: 2 } },
        { colspan: { default: 12, xs: 4 } },
        { colspan: { default: 6, xs: 3 } },
        { colspan: { default: 6, xs: 3 } },
      ]}
    >
      <Select
        ariaLabel="Search in"
        options={MODES}
        selectedOption={MODES.find(({ value }) => value === mode) ?? null}
        onChange={({ detail }) => {
          const chosen: Mode = detail.selectedOption.value === 'contains' ? 'contains' : 'name';
          setMode(chosen);
          if (!mayBeKey(search.text, 'name')) onChange({ name: '', contains: '', [chosen]: search.text });
        }}
      />
      <FormField warningText={searchWarning(search.text)}>
        <Input
          type="search"
          ariaLabel="Search keys, or enter a prefix and press Enter"
          placeholder={mode === 'name' ? 'Starts with, or prefix and Enter' : 'Contains'}
          value={search.text}
          onChange={({ detail }) => {
            search.type(detail.value);
            if (containsKey(detail.value)) openKey(detail.value);
          }}
          onKeyDown={({ detail }) => {
            if (detail.key === 'Enter') openKey(search.text);
          }}
        />
      </FormField>
      <FormField warningText={mayBeKey(owner.text, 'ownerId') ? notSearched('ownerId') : undefined}>
        <Input
          type="search"
          ariaLabel="Filter by owner"
          placeholder="Owner ID"
          value={owner.text}
          onChange={({ detail }) => {
            owner.type(detail.value);
          }}
        />
      </FormField>
      <Select
        ariaLabel="Filter by status"
        options={SHOW_OPTIONS}
        selectedOption={SHOW_OPTIONS.find(({ value }) => value === state.show) ?? null}
        onChange={({ detail }) => {
          const show = detail.selectedOption.value ?? 'any';
          if (isShowFilter(show)) onChange({ show });
        }}
      />
    </Grid>
  );
}

function searchWarning(text: string): string | undefined {
  if (!mayBeKey(text, 'name')) return undefined;
  return prefixIn(text) === undefined ? notSearched('name') : 'Press Enter to open this key.';
}

function notSearched(field: keyof typeof LONGEST_WORD): string {
  return `This may be a key, which is secret. The console doesn’t search for words of more than ${String(LONGEST_WORD[field])} characters.`;
}

/** The text of a field. `settle` is called when the user pauses. */
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
