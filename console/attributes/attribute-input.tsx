import Checkbox from '@cloudscape-design/components/checkbox';
import DatePicker from '@cloudscape-design/components/date-picker';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import type { ReactNode } from 'react';
import type { MetadataValue } from '../../src/core/keys/record.ts';
import { isMetadataValue, shown, type AttributeField } from './fields.ts';

interface AttributeInputProps {
  readonly field: AttributeField;
  readonly value: MetadataValue | undefined;
  readonly error: string | undefined;
  readonly onChange: (value: MetadataValue | undefined) => void;
}

/** A form field for one attribute. */
export function AttributeInput({ field, value, error, onChange }: AttributeInputProps) {
  return (
    <FormField
      label={
        field.required ? (
          field.label
        ) : (
          <>
            {field.label} <i>- optional</i>
          </>
        )
      }
      description={field.description}
      constraintText={constraint(field)}
      errorText={error}
    >
      {control(field, value, onChange)}
    </FormField>
  );
}

function control(
  { kind, label, required }: AttributeField,
  value: MetadataValue | undefined,
  onChange: (value: MetadataValue | undefined) => void,
): ReactNode {
  // An array or object was written into the table by hand. The form doesn't change it.
  if (value !== undefined && !isMetadataValue(value)) return <Input value={shown(value)} readOnly />;
  const text = value === undefined ? '' : String(value);
  switch (kind.type) {
    case 'text':
      return (
        <Input
          value={text}
          {...(kind.maxLength === undefined ? {} : { nativeInputAttributes: { maxLength: kind.maxLength } })}
          onChange={({ detail }) => {
            onChange(detail.value === '' ? undefined : detail.value);
          }}
        />
      );
    case 'number':
      return (
        <Input
          type="number"
          value={text}
          step={kind.whole ? 1 : 'any'}
          onChange={({ detail }) => {
            onChange(detail.value === '' ? undefined : Number(detail.value));
          }}
        />
      );
    case 'date':
      return (
        <DatePicker
          value={text}
          placeholder="YYYY-MM-DD"
          format="iso"
          onChange={({ detail }) => {
            onChange(detail.value === '' ? undefined : detail.value);
          }}
        />
      );
    case 'yes-no':
      return (
        <Checkbox
          checked={value === true}
          onChange={({ detail }) => {
            onChange(detail.checked);
          }}
        >
          Yes
        </Checkbox>
      );
    case 'choice': {
      const options = [
        ...(required ? [] : [{ value: '', label: 'None' }]),
        ...kind.options.map((option) => ({ value: String(option), label: shown(option) })),
      ];
      return (
        <Select
          placeholder={`Choose ${label.toLowerCase()}`}
          options={options}
          selectedOption={value === undefined ? null : { value: text, label: shown(value) }}
          onChange={({ detail }) => {
            onChange(kind.options.find((option) => String(option) === detail.selectedOption.value));
          }}
        />
      );
    }
    case 'other':
      return <Input value={text} readOnly />;
  }
}

function constraint({ kind }: AttributeField): string | undefined {
  if (kind.type === 'other') return 'The console can’t change values of this type.';
  if (kind.type !== 'number') return undefined;
  const { whole, minimum, maximum } = kind;
  const what = whole ? 'A whole number' : 'A number';
  if (minimum !== undefined && maximum !== undefined) return `${what} from ${String(minimum)} to ${String(maximum)}.`;
  if (minimum !== undefined) return `${what}, ${String(minimum)} or more.`;
  if (maximum !== undefined) return `${what}, ${String(maximum)} or less.`;
  return whole ? `${what}.` : undefined;
}
