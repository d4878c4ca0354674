import Link from '@cloudscape-design/components/link';

/** The address of an owner's page. The ID is in the query, because it can contain slashes. */
export function ownerAddress(ownerId: string): string {
  return `/owners?${new URLSearchParams({ id: ownerId }).toString()}`;
}

export function OwnerLink({ ownerId }: { readonly ownerId: string | null }) {
  return ownerId === null ? '–' : <Link href={`#${ownerAddress(ownerId)}`}>{ownerId}</Link>;
}
