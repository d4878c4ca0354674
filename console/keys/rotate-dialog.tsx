import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Modal from '@cloudscape-design/components/modal';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { DEFAULT_ROTATION_OVERLAP, type Metadata } from '../../src/core/keys/record.ts';
import type { KeyView } from '../api/keys.ts';
import type { InputFault } from '../../src/management/errors.ts';
import { problemOf } from '../api/problem.ts';
import { AttributeInput } from '../attributes/attribute-input.tsx';
import type { AttributeField } from '../attributes/fields.ts';
import { useConsole } from '../layout/console-context.ts';
import { DialogFooter } from '../layout/dialog-footer.tsx';
import { ProblemBox } from '../layout/problem-box.tsx';
import { useIssue } from './use-issue.ts';

interface RotateDialogProps {
  readonly record: KeyView;
  readonly onClose: () => void;
}

const NO_OVERLAP = '0s';
const OVERLAPS = [
  { value: NO_OVERLAP, label: 'None: it stops working now' },
  { value: '1h', label: '1 hour' },
  { value: '24h', label: '24 hours' },
  { value: '7d', label: '7 days' },
  { value: '30d', label: '30 days' },
];

/** Replaces a key with a new one. */
export function RotateDialog({ record, onClose }: RotateDialogProps) {
  const { keys, attributes } = useConsole();
  const [overlap, setOverlap] = useState(DEFAULT_ROTATION_OVERLAP);
  const [metadata, setMetadata] = useState<Metadata>();
  const { error, busy, issue } = useIssue();
  const faults = error === null ? [] : problemOf(error).faults.filter(({ field }) => field.startsWith('metadata.'));
  // After the old key's metadata was rejected, the user enters the metadata of the new key.
  const needsMetadata = metadata !== undefined || faults.length > 0;
  const edited = metadata ?? withoutUnknown(record.metadata, attributes, faults);
  const rotate = async () => {
    const request = needsMetadata ? { overlap, metadata: edited } : { overlap };
    const rotated = await issue(request, async (request, token) => {
      const { caches, ...issued } = await keys.rotate(record.prefix, request, token);
      return request.overlap === NO_OVERLAP ? { ...issued, ended: { prefix: record.prefix, caches } } : issued;
    });
    if (rotated) onClose();
  };
  return (
    <Modal
      visible
      header={`Rotate "${record.name}"?`}
      onDismiss={onClose}
      footer={
        <DialogFooter onCancel={onClose}>
          <Button variant="primary" loading={busy} onClick={() => void rotate()}>
            Rotate key
          </Button>
        </DialogFooter>
      }
    >
      <SpaceBetween size="m">
        {error !== null && <ProblemBox error={error} attempt="The key was not rotated" />}
        <Box variant="p">
          Creates a new key with the same name, owner, scopes, and limits. The old key keeps working during the overlap,
          so that clients can switch to the new key.
        </Box>
        <FormField label="Overlap" description="How long the old key keeps working.">
          <Select
            ariaLabel="Overlap"
            options={OVERLAPS}
            selectedOption={OVERLAPS.find(({ value }) => value === overlap) ?? null}
            onChange={({ detail }) => {
              setOverlap(detail.selectedOption.value ?? NO_OVERLAP);
            }}
          />
        </FormField>
        {needsMetadata && (
          <>
            <Box variant="p">
              This key’s metadata doesn’t match the deployment’s current attributes. Enter the metadata of the new key.
            </Box>
            {attributes.map((field) => (
              <AttributeInput
                key={field.name}
                field={field}
                value={edited[field.name]}
                error={faults.find((fault) => fault.field === `metadata.${field.name}`)?.message}
                onChange={(value) => {
                  const { [field.name]: _before, ...others } = edited;
                  setMetadata(value === undefined ? others : { ...others, [field.name]: value });
                }}
              />
            ))}
          </>
        )}
      </SpaceBetween>
    </Modal>
  );
}

/** Returns the old metadata without the rejected fields that have no form field. */
function withoutUnknown(
  metadata: Metadata,
  attributes: readonly AttributeField[],
  faults: readonly InputFault[],
): Metadata {
  const unknown = (name: string) =>
    faults.some(({ field }) => field === `metadata.${name}`) && !attributes.some((one) => one.name === name);
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => !unknown(name)));
}
