import DatePicker from '@cloudscape-design/components/date-picker';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ExpiryDraft } from './draft.ts';
import { timeInWords } from './time.tsx';

interface ExpiryFieldProps {
  readonly value: ExpiryDraft;
  /** When the key expires now; `undefined` for a new one. */
  readonly current: string | null | undefined;
  readonly error: string | undefined;
  readonly onChange: (value: ExpiryDraft) => void;
}

const PERIODS = [
  ['7d', '7 days'],
  ['30d', '30 days'],
  ['90d', '90 days'],
  ['180d', '180 days'],
  ['1y', 'One year'],
] as const;

/** When a key ends of itself. */
export function ExpiryField({ value, current, error, onChange }: ExpiryFieldProps) {
  const kept =
    current === undefined
      ? []
      : [{ value: 'keep', label: current === null ? 'As now: never' : `As now: ${timeInWords(current)}` }];
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
      description="A key that ends of itself is one that nobody has to remember."
      errorText={error}
      constraintText={value.kind === 'on' ? 'It ends at midnight, in UTC, as that day begins.' : undefined}
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
            ariaLabel="The day on which it expires"
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
