import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Plans } from '../../src/core/limits/limits.ts';
import { useConsole } from '../layout/console-context.ts';
import type { KeyDraft } from './draft.ts';
import { limitsInWords } from '../keys/limits-in-words.ts';
import { GroupError } from './group-error.tsx';

interface LimitFieldsProps {
  readonly draft: Pick<KeyDraft, 'plan' | 'rate' | 'burst' | 'quota'>;
  /** The errors, by the path of the field in the API's input. */
  readonly errors: ReadonlyMap<string, string>;
  readonly errorAt: (field: string) => string | undefined;
  readonly onChange: (changed: Partial<KeyDraft>) => void;
}

const FIELDS = [
  { name: 'rate', label: 'Rate', description: 'Requests per s, min, or h.', placeholder: '100/s' },
  { name: 'burst', label: 'Burst', description: 'The most requests at once.', placeholder: '200' },
  { name: 'quota', label: 'Quota', description: 'Requests per day, week, or month.', placeholder: '1000000/month' },
] as const;

/** Returns whether the form has the field for the plan. */
export function hasPlans({ plan }: Pick<KeyDraft, 'plan'>, plans: Plans): boolean {
  return plan !== '' || Object.keys(plans).length > 0;
}

/** Edits the plan and the key-specific limits, which override those of the plan. */
export function LimitFields({ draft, errors, errorAt, onChange }: LimitFieldsProps) {
  const { plans } = useConsole().settings;
  const options = [
    { value: '', label: 'No plan' },
    ...Object.entries(plans).map(([name, limits]) => ({
      value: name,
      label: name,
      description: limitsInWords(limits),
    })),
    // The key's plan may no longer be configured. It stays selected until the user chooses another.
    ...(draft.plan === '' || draft.plan in plans ? [] : [{ value: draft.plan, label: draft.plan }]),
  ];
  return (
    <Container
      header={
        <Header variant="h2" description="With no limits, only the API’s own throttling applies.">
          Limits
        </Header>
      }
    >
      <SpaceBetween size="l">
        {hasPlans(draft, plans) && (
          <FormField label="Plan" errorText={errorAt('plan')}>
            <Select
              ariaLabel="Plan"
              options={options}
              selectedOption={options.find(({ value }) => value === draft.plan) ?? null}
              onChange={({ detail }) => {
                onChange({ plan: detail.selectedOption.value ?? '' });
              }}
            />
          </FormField>
        )}
        <div role="group" aria-label="Key-specific limits">
          <SpaceBetween size="xs">
            <div>
              <Box variant="awsui-key-label">Key-specific limits</Box>
              {hasPlans(draft, plans) && (
                <Box variant="small" color="text-body-secondary">
                  Override the plan’s limits.
                </Box>
              )}
            </div>
            <GroupError error={errors.get('limits')} />
            <ColumnLayout columns={3}>
              {FIELDS.map(({ name, label, description, placeholder }) => (
                <FormField
                  key={name}
                  label={label}
                  constraintText={description}
                  errorText={errorAt(`limits.${name}`)}
                  stretch
                >
                  <Input
                    value={draft[name]}
                    placeholder={placeholder}
                    inputMode={name === 'burst' ? 'numeric' : 'text'}
                    onChange={({ detail }) => {
                      onChange({ [name]: detail.value });
                    }}
                  />
                </FormField>
              ))}
            </ColumnLayout>
          </SpaceBetween>
        </div>
      </SpaceBetween>
    </Container>
  );
}
