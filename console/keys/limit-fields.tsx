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
import { limitsInWords } from './limits-in-words.ts';

interface LimitFieldsProps {
  readonly draft: Pick<KeyDraft, 'plan' | 'rate' | 'burst' | 'quota'>;
  readonly faultAt: (field: string) => string | undefined;
  readonly onChange: (changed: Partial<KeyDraft>) => void;
}

/** Whether there is a plan to choose, or to be taken off. */
export function hasPlans({ plan }: Pick<KeyDraft, 'plan'>, plans: Plans): boolean {
  return plan !== '' || Object.keys(plans).length > 0;
}

/** How often a key may call: a plan's limits, and its own, which go before them. */
export function LimitFields({ draft, faultAt, onChange }: LimitFieldsProps) {
  const { plans } = useConsole().settings;
  const options = [
    { value: '', label: 'No plan' },
    ...Object.entries(plans).map(([name, limits]) => ({
      value: name,
      label: name,
      description: limitsInWords(limits),
    })),
    // A plan that was taken away since stays what the key is on, until another is chosen.
    ...(draft.plan === '' || draft.plan in plans ? [] : [{ value: draft.plan, label: draft.plan }]),
  ];
  const limitsFault = faultAt('limits.rate') ?? faultAt('limits.burst') ?? faultAt('limits.quota') ?? faultAt('limits');
  return (
    <Container
      header={
        <Header variant="h2" description="Without any, the key may call as often as the API lets everybody.">
          Limits
        </Header>
      }
    >
      <SpaceBetween size="l">
        {hasPlans(draft, plans) && (
          <FormField label="Plan" errorText={faultAt('plan')}>
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
        <FormField
          label="Limits of its own"
          description={hasPlans(draft, plans) ? 'They go before those of the plan.' : undefined}
          errorText={limitsFault}
          stretch
        >
          <ColumnLayout columns={3}>
            <FormField label="Rate" constraintText="Per s, min or h." stretch>
              <Input
                value={draft.rate}
                placeholder="100/s"
                onChange={({ detail }) => {
                  onChange({ rate: detail.value });
                }}
              />
            </FormField>
            <FormField label="Burst" constraintText="How many at once." stretch>
              <Input
                value={draft.burst}
                placeholder="200"
                inputMode="numeric"
                onChange={({ detail }) => {
                  onChange({ burst: detail.value });
                }}
              />
            </FormField>
            <FormField label="Quota" constraintText="Per day, week or month." stretch>
              <Input
                value={draft.quota}
                placeholder="1000000/month"
                onChange={({ detail }) => {
                  onChange({ quota: detail.value });
                }}
              />
            </FormField>
          </ColumnLayout>
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
