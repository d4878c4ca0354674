import Link from '@cloudscape-design/components/link';
import type { ReactNode } from 'react';
import type { KeyView } from '../api/keys.ts';
import { shown, type AttributeField } from '../attributes/fields.ts';
import { KeyStatusIndicator } from './key-status.tsx';
import { Day, DayFromNow } from './time.tsx';

interface KeyColumn {
  readonly id: string;
  readonly header: string;
  readonly cell: (record: KeyView) => ReactNode;
  readonly isRowHeader?: true;
  readonly minWidth: number;
  readonly width?: number;
}

/** Shown unless the operator chooses otherwise; a deployment's own columns come after them. */
export const COLUMNS_SHOWN = ['name', 'status', 'owner', 'prefix', 'created', 'expires', 'lastUsed'] as const;
export const COLUMNS_TO_CHOOSE = ['plan', 'scopes', 'importedFrom'] as const;

const COLUMNS: Record<(typeof COLUMNS_SHOWN | typeof COLUMNS_TO_CHOOSE)[number], Omit<KeyColumn, 'id'>> = {
  name: {
    header: 'Name',
    cell: ({ name, prefix }) => <Link href={`#/keys/${prefix}`}>{name}</Link>,
    isRowHeader: true,
    minWidth: 160,
    width: 210,
  },
  status: {
    header: 'Status',
    cell: (record) => <KeyStatusIndicator record={record} />,
    minWidth: 130,
    width: 180,
  },
  owner: { header: 'Owner', cell: ({ ownerId }) => ownerId ?? '–', minWidth: 110, width: 160 },
  prefix: { header: 'Prefix', cell: ({ prefix }) => <code>{prefix}</code>, minWidth: 140, width: 160 },
  created: { header: 'Created', cell: ({ createdAt }) => <Day at={createdAt} />, minWidth: 120, width: 130 },
  expires: {
    header: 'Expires',
    cell: ({ expiresAt }) => <Day at={expiresAt} missing="Never" />,
    minWidth: 120,
    width: 130,
  },
  lastUsed: {
    header: 'Last used',
    cell: ({ lastUsedAt }) => <DayFromNow at={lastUsedAt} missing="Not yet" />,
    minWidth: 120,
    width: 150,
  },
  plan: { header: 'Plan', cell: ({ plan }) => plan ?? '–', minWidth: 90 },
  scopes: {
    header: 'Scopes',
    cell: ({ scopes }) => (scopes.length === 0 ? 'All' : scopes.join(', ')),
    minWidth: 160,
  },
  importedFrom: { header: 'Imported from', cell: ({ importedFrom }) => importedFrom ?? '–', minWidth: 130 },
};

/** The id of the column of an attribute, which no column of our own can have. */
export function attributeColumn(name: string): string {
  return `attribute.${name}`;
}

export function columnsOf(attributes: readonly AttributeField[]): KeyColumn[] {
  return [
    ...[...COLUMNS_SHOWN, ...COLUMNS_TO_CHOOSE].map((id) => ({ id, ...COLUMNS[id] })),
    ...attributes.map(({ name, label }) => ({
      id: attributeColumn(name),
      header: label,
      cell: ({ metadata }: KeyView) => shown(metadata[name]),
      minWidth: 110,
    })),
  ];
}
