import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import KeyValuePairs, { type KeyValuePairsProps } from '@cloudscape-design/components/key-value-pairs';
import type { KeyView } from '../api/keys.ts';
import { shown, splitMetadata } from '../attributes/fields.ts';
import { useConsole } from '../layout/console-context.ts';
import { OwnerLink } from '../owners/owner-link.tsx';
import { KeyStatusIndicator } from './key-status.tsx';
import { limitsInWords } from './limits-in-words.ts';
import { Time, TimeFromNow } from './time.tsx';

const RESTRICTIONS = [
  { name: 'stages', label: 'Allowed stages' },
  { name: 'sourceIps', label: 'Allowed source IP addresses' },
  { name: 'origins', label: 'Allowed origins' },
] as const;

export function KeyDetails({ record }: { readonly record: KeyView }) {
  const { attributes, settings } = useConsole();
  const { rest } = splitMetadata(record.metadata, attributes);
  const items: KeyValuePairsProps.Item[] = [
    { label: 'Status', value: <KeyStatusIndicator record={record} /> },
    {
      label: 'Prefix',
      value: (
        <CopyToClipboard
          variant="inline"
          textToCopy={record.prefix}
          textToDisplay={<code>{record.prefix}</code>}
          copyButtonAriaLabel="Copy prefix"
          copySuccessText="Copied"
          copyErrorText="Couldn’t copy the prefix"
        />
      ),
    },
    { label: 'Owner', value: <OwnerLink ownerId={record.ownerId} /> },
    { label: 'Created', value: <Time at={record.createdAt} /> },
    ...(record.notBefore === null ? [] : [{ label: 'Not before', value: <Time at={record.notBefore} /> }]),
    { label: 'Expires', value: <Time at={record.expiresAt} missing="Never" /> },
    { label: 'Last used', value: <TimeFromNow at={record.lastUsedAt} missing="Never" /> },
    { label: 'Plan', value: planInWords(record, settings.plans) },
    { label: 'Key-specific limits', value: record.limits === null ? '–' : limitsInWords(record.limits) },
    { label: 'Scopes', value: <ScopeList scopes={record.scopes} /> },
    ...RESTRICTIONS.flatMap(({ name, label }) => {
      const entries = record.restrictions?.[name];
      return entries === undefined ? [] : [{ label, value: <CodeList entries={entries} /> }];
    }),
    ...(record.secretName === null ? [] : [{ label: 'Secret', value: record.secretName }]),
    ...(record.importedFrom === null ? [] : [{ label: 'Imported from', value: record.importedFrom }]),
    ...attributes.map(({ name, label }) => ({ label, value: shown(record.metadata[name]) })),
    ...Object.entries(rest).map(([name, value]) => ({ label: name, value: shown(value) })),
  ];
  return <KeyValuePairs columns={3} minColumnWidth={190} items={items} />;
}

function planInWords({ plan }: KeyView, plans: ReturnType<typeof useConsole>['settings']['plans']): string {
  if (plan === null) return '–';
  const limits = plans[plan];
  return limits === undefined ? plan : `${plan} (${limitsInWords(limits)})`;
}

function ScopeList({ scopes }: { readonly scopes: readonly string[] }) {
  if (scopes.length === 0) return 'No scopes';
  return <CodeList entries={scopes} />;
}

function CodeList({ entries }: { readonly entries: readonly string[] }) {
  return (
    <ul className="code-list">
      {entries.map((entry) => (
        <li key={entry}>
          <code>{entry}</code>
        </li>
      ))}
    </ul>
  );
}
