/** A key that another system made, and what has become of it there. */
export interface PeerKey {
  readonly key: string;
  readonly state: 'active' | 'expiring' | 'expired' | 'revoked' | 'disabled';
  /** DRF's public prefix. */
  readonly prefix?: string;
}
