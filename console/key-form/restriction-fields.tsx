import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useConsole } from '../layout/console-context.ts';
import type { KeyDraft, RestrictionName } from './draft.ts';
import { GroupError } from './group-error.tsx';

interface RestrictionFieldsProps {
  readonly draft: Pick<KeyDraft, RestrictionName | 'notBefore'>;
  /** The errors, by the path of the field in the API's input. */
  readonly errors: ReadonlyMap<string, string>;
  readonly errorAt: (field: string) => string | undefined;
  readonly onChange: (changed: Partial<KeyDraft>) => void;
}

const FIELDS: readonly { name: RestrictionName; label: string; description: string; placeholder: string }[] = [
  {
    name: 'stages',
    label: 'Stages',
    description: 'The API Gateway stages that accept the key.',
    placeholder: 'prod',
  },
  {
    name: 'sourceIps',
    label: 'Source IP addresses',
    description: 'The IP addresses and CIDR ranges that callers can use.',
    placeholder: '192.0.2.0/24, 2001:db8::/32',
  },
  {
    name: 'origins',
    label: 'Origins',
    description: 'The web origins that can use the key. Only browsers send the origin reliably.',
    placeholder: 'https://app.example.com, https://*.example.com',
  },
];

/** Edits the restrictions that the deployment enforces, and those that the key already has. */
export function RestrictionFields({ draft, errors, errorAt, onChange }: RestrictionFieldsProps) {
  const { restrictions } = useConsole().settings;
  const enforced: Record<RestrictionName, boolean> = {
    stages: true,
    sourceIps: restrictions.includes('sourceIp'),
    origins: restrictions.includes('origin'),
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="An empty field doesn’t restrict the key. Separate multiple entries with commas."
        >
          Restrictions
        </Header>
      }
    >
      <GroupError error={errors.get('restrictions')} />
      <SpaceBetween size="l">
        {FIELDS.filter(({ name }) => enforced[name] || draft[name] !== '').map(
          ({ name, label, description, placeholder }) => (
            <FormField key={name} label={label} description={description} errorText={errorAt(`restrictions.${name}`)}>
              <Input
                value={draft[name]}
                placeholder={placeholder}
                onChange={({ detail }) => {
                  onChange({ [name]: detail.value });
                }}
              />
            </FormField>
          ),
        )}
        <FormField
          label="Not before"
          description="The key is rejected before this time: a date, or a duration from now."
          errorText={errorAt('notBefore')}
        >
          <Input
            value={draft.notBefore}
            placeholder="2027-01-31 or 7d"
            onChange={({ detail }) => {
              onChange({ notBefore: detail.value });
            }}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
