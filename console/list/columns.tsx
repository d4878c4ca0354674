import Link from '@cloudscape-design/components/link';
import type { ReactNode } from 'react';
import type { KeyView } from '../api/keys.ts';
import { shown, type AttributeField } from '../attributes/fields.ts';
import type { DecidedStatus } from '../keys/decided-status.ts';
import { KeyStatusIndicator, STATUS_LABELS } from '../keys/key-status.tsx';
import { Day, DayFromNow } from '../keys/time.tsx';
import { OwnerLink } from '../owners/owner-link.tsx';

export interface KeyColumn {
  readonly id: string;
  readonly header: string;
  readonly cell: (record: KeyView) => ReactNode;
  /** The value to sort by, to search in and to export. `null` if the key has none. */
  readonly value: (record: KeyView, status: DecidedStatus | undefined) => string | number | null;
  readonly isRowHeader?: true;
  readonly minWidth: number;
  readonly width?: number;
  /** The width on a phone. @default `width` */
  readonly narrowWidth?: number;
}

/** The columns that are visible by default. The deployment's attributes follow. */
export const COLUMNS_SHOWN = ['name', 'status', 'owner', 'prefix', 'created', 'expires', 'lastUsed'] as const;
export const COLUMNS_TO_CHOOSE = ['plan', 'scopes', 'importedFrom'] as const;

const COLUMNS: Record<(typeof COLUMNS_SHOWN | typeof COLUMNS_TO_CHOOSE)[number], Omit<KeyColumn, 'id'>> = {
  name: {
    header: 'Name',
    cell: ({ name, prefix }) => <Link href={`#/keys/${prefix}`}>{name}</Link>,
    value: ({ name }) => name,
    isRowHeader: true,
    minWidth: 120,
    width: 210,
    narrowWidth: 140,
  },
  status: {
    header: 'Status',
    cell: (record) => <KeyStatusIndicator record={record} />,
    value: (_record, status) => (status === undefined ? null : STATUS_LABELS[status][1]),
    minWidth: 120,
    width: 185,
    narrowWidth: 150,
  },
  owner: {
    header: 'Owner',
    cell: ({ ownerId }) => <OwnerLink ownerId={ownerId} />,
    value: ({ ownerId }) => ownerId,
    minWidth: 110,
    width: 160,
  },
  prefix: {
    header: 'Prefix',
    cell: ({ prefix }) => <code>{prefix}</code>,
    value: ({ prefix }) => prefix,
    minWidth: 140,
    width: 160,
  },
  created: {
    header: 'Created',
    cell: ({ createdAt }) => <Day at={createdAt} />,
    value: ({ createdAt }) => createdAt,
    minWidth: 120,
    width: 135,
  },
  expires: {
    header: 'Expires',
    cell: ({ expiresAt }) => <Day at={expiresAt} missing="Never" />,
    value: ({ expiresAt }) => expiresAt,
    minWidth: 120,
    width: 135,
  },
  lastUsed: {
    header: 'Last used',
    cell: ({ lastUsedAt }) => <DayFromNow at={lastUsedAt} missing="Never" />,
    value: ({ lastUsedAt }) => lastUsedAt,
    minWidth: 120,
    width: 150,
  },
  plan: { header: 'Plan', cell: ({ plan }) => plan ?? '–', value: ({ plan }) => plan, minWidth: 90 },
  scopes: {
    header: 'Scopes',
    cell: ({ scopes }) => (scopes.length === 0 ? '–' : scopes.join(', ')),
    value: ({ scopes }) => (scopes.length === 0 ? null : scopes.join(', ')),
    minWidth: 160,
  },
  importedFrom: {
    header: 'Imported from',
    cell: ({ importedFrom }) => importedFrom ?? '–',
    value: ({ importedFrom }) => importedFrom,
    minWidth: 130,
  },
};

/** Returns the column ID of an attribute. It differs from the IDs of all other columns. */
export function attributeColumn(name: string): string {
  return `attribute.${name}`;
}

export function columnsOf(attributes: readonly AttributeField[]): readonly KeyColumn[] {
  return [
    ...[...COLUMNS_SHOWN, ...COLUMNS_TO_CHOOSE].map((id) => ({ id, ...COLUMNS[id] })),
    ...attributes.map(({ name, label }) => ({
      id: attributeColumn(name),
      header: label,
      cell: ({ metadata }: KeyView) => shown(metadata[name]),
      value: ({ metadata }: KeyView) => {
        const value: unknown = metadata[name];
        if (value === undefined) return null;
        return typeof value === 'number' || typeof value === 'string' ? value : shown(value);
      },
      minWidth: 110,
    })),
  ];
}
