import DatePicker from '@cloudscape-design/components/date-picker';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ExpiryDraft } from './draft.ts';
import { timeInWords } from '../keys/time.tsx';

interface ExpiryFieldProps {
  readonly value: ExpiryDraft;
  /** The current expiry. `undefined` for a new key, `null` for a key that never expires. */
  readonly current: string | null | undefined;
  readonly error: string | undefined;
  readonly onChange: (value: ExpiryDraft) => void;
}

const PERIODS = [
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['90d', '90 days'],
  ['180d', '180 days'],
  ['1y', '1 year'],
] as const;

export function ExpiryField({ value, current, error, onChange }: ExpiryFieldProps) {
  const kept =
    current === undefined
      ? []
      : [{ value: 'keep', label: current === null ? 'Keep: never' : `Keep: ${timeInWords(current)}` }];
  const options = [
    ...kept,
    ...PERIODS.map(([period, label]) => ({ value: period, label: `${label} from now` })),
    { value: 'on', label: 'On a date' },
    { value: 'never', label: 'Never' },
  ];
  const chosen = value.kind === 'after' ? value.period : value.kind;
  return (
    <FormField
      label="Expires"
      description="Keys that expire don’t need to be cleaned up later."
      errorText={error}
      constraintText={value.kind === 'on' ? 'The key expires at 00:00 UTC on this day.' : undefined}
    >
      <SpaceBetween size="xs">
        <Select
          ariaLabel="Expires"
          options={options}
          selectedOption={options.find((option) => option.value === chosen) ?? null}
          onChange={({ detail }) => {
            const choice = detail.selectedOption.value ?? 'never';
            if (choice === 'never' || choice === 'keep') onChange({ kind: choice });
            else onChange(choice === 'on' ? { kind: 'on', date: '' } : { kind: 'after', period: choice });
          }}
        />
        {value.kind === 'on' && (
          <DatePicker
            ariaLabel="Expiry date"
            value={value.date}
            placeholder="YYYY-MM-DD"
            format="iso"
            isDateEnabled={(date) => Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) > Date.now()}
            onChange={({ detail }) => {
              onChange({ kind: 'on', date: detail.value });
            }}
          />
        )}
      </SpaceBetween>
    </FormField>
  );
}
