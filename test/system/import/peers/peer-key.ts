/** A key that another system issued, and its status there. */
export interface PeerKey {
  readonly key: string;
  readonly state: 'active' | 'expiring' | 'expired' | 'revoked' | 'disabled';
  /** The public prefix of djangorestframework-api-key. */
  readonly prefix?: string;
}
