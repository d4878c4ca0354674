import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import type { AttributeField } from '../attributes/fields.ts';
import { limitsInWords } from '../keys/limits-in-words.ts';
import { useConsole } from '../layout/console-context.ts';
import { Page } from '../layout/frame.tsx';

const RESTRICTIONS = [
  { name: 'sourceIp', label: 'Source IP addresses' },
  { name: 'origin', label: 'Origins' },
] as const;

const TYPES: Record<AttributeField['kind']['type'], string> = {
  text: 'String',
  choice: 'Choice',
  number: 'Number',
  'yes-no': 'Boolean',
  date: 'Date',
  other: 'Other',
};

/** Shows the settings of the deployment. They are changed in the CDK app. */
export function SettingsPage() {
  const { settings, attributes } = useConsole();
  const plans = Object.entries(settings.plans);
  return (
    <Page path={[{ text: 'Settings', href: '#/settings' }]}>
      <SpaceBetween size="l">
        <Header variant="h1" description="To change these settings, change your CDK app and deploy it.">
          Settings
        </Header>
        {settings.label === null && (
          <Alert type="warning" header="Some settings are not available">
            Your AWS credentials don’t have permission to invoke the settings function.
          </Alert>
        )}
        <Container header={<Header variant="h2">Deployment</Header>}>
          <KeyValuePairs
            columns={3}
            minColumnWidth={190}
            items={[
              { label: 'Stack', value: settings.stackName },
              { label: 'Region', value: settings.region },
              { label: 'Key label', value: settings.label ?? '–' },
              { label: 'Mode', value: settings.readOnly ? 'Read-only replica' : 'Primary Region' },
              { label: 'Usage', value: <Enabled on={settings.usage} /> },
              { label: 'Owner suspension', value: <Enabled on={settings.ownerSuspension} /> },
            ]}
          />
        </Container>
        <Container
          header={
            <Header variant="h2" description="The restrictions on keys that this deployment enforces.">
              Restrictions
            </Header>
          }
        >
          <KeyValuePairs
            columns={3}
            minColumnWidth={190}
            items={[
              { label: 'Stages and start time', value: <Enabled on /> },
              ...RESTRICTIONS.map(({ name, label }) => ({
                label,
                value: <Enabled on={settings.restrictions.includes(name)} />,
              })),
            ]}
          />
        </Container>
        <Table
          header={
            <Header variant="h2" counter={`(${String(plans.length)})`}>
              Plans
            </Header>
          }
          items={plans.map(([name, limits]) => ({ name, limits: limitsInWords(limits) }))}
          trackBy="name"
          ariaLabels={{ tableLabel: 'Plans' }}
          columnDefinitions={[
            { id: 'name', header: 'Name', cell: ({ name }) => name, isRowHeader: true },
            { id: 'limits', header: 'Limits', cell: ({ limits }) => (limits === '' ? 'No limits' : limits) },
          ]}
          empty={<Box color="text-body-secondary">No plans are configured.</Box>}
        />
        <Table
          header={
            <Header variant="h2" counter={`(${String(attributes.length)})`}>
              Attributes
            </Header>
          }
          items={attributes}
          trackBy="name"
          ariaLabels={{ tableLabel: 'Attributes' }}
          wrapLines
          columnDefinitions={[
            { id: 'name', header: 'Name', cell: ({ name }) => <code>{name}</code>, isRowHeader: true },
            { id: 'label', header: 'Label', cell: ({ label }) => label },
            { id: 'type', header: 'Type', cell: ({ kind }) => TYPES[kind.type] },
            { id: 'required', header: 'Required', cell: ({ required }) => (required ? 'Yes' : 'No') },
            { id: 'description', header: 'Description', cell: ({ description }) => description ?? '–' },
          ]}
          empty={<Box color="text-body-secondary">Metadata has no schema.</Box>}
        />
      </SpaceBetween>
    </Page>
  );
}

function Enabled({ on }: { readonly on: boolean }) {
  return <StatusIndicator type={on ? 'success' : 'stopped'}>{on ? 'Enabled' : 'Not enabled'}</StatusIndicator>;
}
