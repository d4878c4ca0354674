import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What a server on 127.0.0.1 proves itself with, to whoever trusts it. */
export interface SelfSigned {
  readonly key: string;
  readonly cert: string;
  /** The certificate as a file, for `NODE_EXTRA_CA_CERTS`. */
  readonly certFile: string;
  readonly remove: () => Promise<void>;
}

/** Makes a key and a certificate for 127.0.0.1, signed by itself; good for two days. */
export function selfSigned(): SelfSigned {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-tls-'));
  const [keyFile, certFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=test';
  execFileSync(
    'openssl',
    ['req', ...request.split(' '), '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', keyFile, '-out', certFile],
    { stdio: 'ignore' },
  );
  return {
    key: readFileSync(keyFile, 'utf8'),
    cert: readFileSync(certFile, 'utf8'),
    certFile,
    remove: () => rm(folder, { recursive: true }),
  };
}
