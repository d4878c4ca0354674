import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import { RECORD_SIZE_LIMITS } from '../../src/core/keys/record.ts';

interface ReasonFieldProps {
  /** What the reason is stored with, such as `the key`. */
  readonly storedWith: string;
  readonly value: string;
  readonly onChange: (reason: string) => void;
}

/** The optional reason for revoking a key or suspending an owner. */
export function ReasonField({ storedWith, value, onChange }: ReasonFieldProps) {
  return (
    <FormField
      label={
        <>
          Reason <i>- optional</i>
        </>
      }
      description={`Stored with ${storedWith}.`}
    >
      <Input
        value={value}
        nativeInputAttributes={{ maxLength: RECORD_SIZE_LIMITS.reasonCharacters }}
        onChange={({ detail }) => {
          onChange(detail.value);
        }}
      />
    </FormField>
  );
}
