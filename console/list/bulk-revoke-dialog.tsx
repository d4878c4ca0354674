import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import type { KeyView } from '../api/keys.ts';
import { FlushOutcome } from '../keys/flush-outcome.tsx';
import { useConsole } from '../layout/console-context.ts';
import { DangerButton } from '../layout/danger-button.tsx';
import { DialogFooter } from '../layout/dialog-footer.tsx';
import { useUnloadWarning } from '../layout/unload-warning.ts';
import { revokeKeys, type RevokeReport } from './revoke-keys.ts';
import { ReasonField } from '../keys/reason-field.tsx';

interface BulkRevokeDialogProps {
  readonly records: readonly KeyView[];
  readonly onClose: () => void;
}

/** Revokes the selected keys after the user has typed their number, and reports the progress and the result. */
export function BulkRevokeDialog({ records, onClose }: BulkRevokeDialogProps) {
  const { keys } = useConsole();
  const queries = useQueryClient();
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const [report, setReport] = useState<RevokeReport>();
  const [step, setStep] = useState<'confirm' | 'revoking' | 'done'>('confirm');
  const stop = useRef<AbortController>(undefined);
  useUnloadWarning(step === 'revoking');
  const count = records.length;
  const text = count === 1 ? '1 key' : `${String(count)} keys`;
  const confirmed = typed.trim() === String(count);
  const revoke = async () => {
    stop.current = new AbortController();
    setStep('revoking');
    setReport(await revokeKeys(keys, records, { reason, signal: stop.current.signal, onProgress: setReport }));
    setStep('done');
    await queries.invalidateQueries({ queryKey: ['keys'] });
  };
  return (
    <Modal
      visible
      header={step === 'done' ? 'Revocation report' : `Revoke ${text}?`}
      onDismiss={() => {
        if (step !== 'revoking') onClose();
      }}
      footer={
        step === 'confirm' ? (
          <DialogFooter onCancel={onClose}>
            <DangerButton variant="primary" form="revoke-keys" disabled={!confirmed}>
              Revoke {text}
            </DangerButton>
          </DialogFooter>
        ) : (
          <Box float="right">
            {step === 'revoking' ? (
              <Button
                onClick={() => {
                  stop.current?.abort();
                }}
              >
                Stop
              </Button>
            ) : (
              <Button variant="primary" onClick={onClose}>
                Close
              </Button>
            )}
          </Box>
        )
      }
    >
      {step === 'confirm' ? (
        <form
          id="revoke-keys"
          onSubmit={(event) => {
            event.preventDefault();
            if (confirmed) void revoke();
          }}
        >
          <SpaceBetween size="m">
            <Alert type="warning">
              Requests with these keys will be rejected. You can’t undo this. {namesOf(records)}
            </Alert>
            <ReasonField storedWith="each key" value={reason} onChange={setReason} />
            <FormField label={`To confirm, type the number of keys: ${String(count)}`}>
              <Input
                value={typed}
                inputMode="numeric"
                autoComplete={false}
                onChange={({ detail }) => {
                  setTyped(detail.value);
                }}
              />
            </FormField>
          </SpaceBetween>
        </form>
      ) : (
        <Report report={report} count={count} done={step === 'done'} />
      )}
    </Modal>
  );
}

interface ReportProps {
  readonly report: RevokeReport | undefined;
  readonly count: number;
  readonly done: boolean;
}

function Report({ report, count, done }: ReportProps) {
  const { keys } = useConsole();
  const { revoked = [], failed = [], caches, flushError } = report ?? {};
  const finished = revoked.length + failed.length;
  const last = revoked.at(-1);
  return (
    <SpaceBetween size="m">
      <ProgressBar
        label={done ? undefined : 'Revoking keys'}
        value={(100 * finished) / count}
        additionalInfo={`${String(revoked.length)} of ${String(count)} revoked${failed.length === 0 ? '' : `, ${String(failed.length)} failed`}`}
      />
      {done && finished < count && (
        <Alert type="info">Stopped. {String(count - finished)} of the selected keys were not revoked.</Alert>
      )}
      {failed.length > 0 && (
        <Alert type="error" header="Some keys were not revoked">
          <ul>
            {failed.map(({ record, message }) => (
              <li key={record.prefix}>
                {record.name} (<code>{record.prefix}</code>): {message}
              </li>
            ))}
          </ul>
        </Alert>
      )}
      {flushError !== undefined && (
        <Alert type="warning" header="The authorizer caches were not flushed">
          {flushError} Cached results can allow the revoked keys for up to the cache TTL.
        </Alert>
      )}
      {done && caches !== undefined && last !== undefined && (
        <FlushOutcome
          subject="the revoked keys"
          caches={caches}
          retryText="Flush again"
          onRetry={() => keys.revoke(last, '')}
        />
      )}
    </SpaceBetween>
  );
}

function namesOf(records: readonly KeyView[]): string {
  const named = records.slice(0, 5).map(({ name }) => name);
  const others = records.length - named.length;
  return `${named.join(', ')}${others > 0 ? `, and ${String(others)} more` : ''}.`;
}
