import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useConsole } from '../layout/console-context.ts';
import type { KeyDraft, RestrictionName } from './draft.ts';
import { FaultLine } from './fault-line.tsx';

interface RestrictionFieldsProps {
  readonly draft: Pick<KeyDraft, RestrictionName | 'notBefore'>;
  /** By the path of the field, as the server names it. */
  readonly faults: ReadonlyMap<string, string>;
  readonly faultAt: (field: string) => string | undefined;
  readonly onChange: (changed: Partial<KeyDraft>) => void;
}

const FIELDS: readonly { name: RestrictionName; label: string; description: string; placeholder: string }[] = [
  {
    name: 'stages',
    label: 'Stages',
    description: 'Names of stages of your APIs.',
    placeholder: 'prod',
  },
  {
    name: 'sourceIps',
    label: 'Source addresses',
    description: 'IP addresses and ranges that callers come from.',
    placeholder: '192.0.2.0/24, 2001:db8::/32',
  },
  {
    name: 'origins',
    label: 'Origins',
    description: 'Pages that use the key. Only browsers are honest about it.',
    placeholder: 'https://app.example.com, https://*.example.com',
  },
];

/** Where a key may be used, and from when on: only what the deployment holds, and what the key has already. */
export function RestrictionFields({ draft, faults, faultAt, onChange }: RestrictionFieldsProps) {
  const { restrictions } = useConsole().settings;
  const held: Record<RestrictionName, boolean> = {
    stages: true,
    sourceIps: restrictions.includes('sourceIp'),
    origins: restrictions.includes('origin'),
  };
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Left empty, a field restricts nothing. Several entries are kept apart by commas."
        >
          Restrictions
        </Header>
      }
    >
      <FaultLine fault={faults.get('restrictions')} />
      <SpaceBetween size="l">
        {FIELDS.filter(({ name }) => held[name] || draft[name] !== '').map(
          ({ name, label, description, placeholder }) => (
            <FormField key={name} label={label} description={description} errorText={faultAt(`restrictions.${name}`)}>
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
          description="When the key begins: a date, or how long from now."
          errorText={faultAt('notBefore')}
        >
          <Input
            value={draft.notBefore}
            placeholder="2027-01-31, or 7d"
            onChange={({ detail }) => {
              onChange({ notBefore: detail.value });
            }}
          />
        </FormField>
      </SpaceBetween>
    </Container>
  );
}
