import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { ENTRY_TYPES, type EntryDraft, type EntryType } from './draft.ts';
import { GroupError } from './group-error.tsx';

interface MetadataEditorProps {
  readonly entries: readonly EntryDraft[];
  readonly errors: ReadonlyMap<string, string>;
  readonly title: string;
  readonly onChange: (entries: readonly EntryDraft[]) => void;
}

const TYPE_NAMES: Record<EntryType, string> = { string: 'String', number: 'Number', boolean: 'Boolean' };
const TYPE_OPTIONS = ENTRY_TYPES.map((type) => ({ value: type, label: TYPE_NAMES[type] }));
const BOOLEAN_OPTIONS = [
  { value: 'true', label: 'True' },
  { value: 'false', label: 'False' },
];

/** Edits the metadata that the schema doesn't name. */
export function MetadataEditor({ entries, errors, title, onChange }: MetadataEditorProps) {
  const change = (index: number, changed: Partial<EntryDraft>) => {
    onChange(entries.map((entry, at) => (at === index ? { ...entry, ...changed } : entry)));
  };
  return (
    <Container
      header={
        <Header variant="h2" description="Custom metadata stored with the key.">
          {title}
        </Header>
      }
    >
      <GroupError error={errors.get('metadata')} />
      <AttributeEditor
        items={entries}
        addButtonText="Add metadata"
        removeButtonText="Remove"
        removeButtonAriaLabel={({ name }) => `Remove ${name}`}
        empty="No metadata."
        definition={[
          {
            label: 'Name',
            control: ({ name }, index) => (
              <Input
                ariaLabel="Metadata name"
                value={name}
                placeholder="costCentre"
                onChange={({ detail }) => {
                  change(index, { name: detail.value });
                }}
              />
            ),
            errorText: ({ name }, index) =>
              errors.get(`entries.${String(index)}.name`) ?? errors.get(`metadata.${name}`),
          },
          {
            label: 'Type',
            control: ({ type, kept }, index) =>
              kept === undefined ? (
                <Select
                  ariaLabel="Metadata type"
                  options={TYPE_OPTIONS}
                  selectedOption={TYPE_OPTIONS.find(({ value }) => value === type) ?? null}
                  onChange={({ detail }) => {
                    const chosen = ENTRY_TYPES.find((one) => one === detail.selectedOption.value) ?? 'string';
                    change(index, { type: chosen, value: chosen === 'boolean' ? 'true' : '' });
                  }}
                />
              ) : (
                <Input ariaLabel="Metadata type" value="Array or object" readOnly />
              ),
          },
          {
            label: 'Value',
            control: ({ type, value, kept }, index) =>
              type === 'boolean' ? (
                <Select
                  ariaLabel="Metadata value"
                  options={BOOLEAN_OPTIONS}
                  selectedOption={BOOLEAN_OPTIONS.find((option) => option.value === value) ?? null}
                  onChange={({ detail }) => {
                    change(index, { value: detail.selectedOption.value ?? 'false' });
                  }}
                />
              ) : (
                <Input
                  ariaLabel="Metadata value"
                  value={value}
                  readOnly={kept !== undefined}
                  type={type === 'number' ? 'number' : 'text'}
                  step="any"
                  onChange={({ detail }) => {
                    change(index, { value: detail.value });
                  }}
                />
              ),
            errorText: (_item, index) => errors.get(`entries.${String(index)}.value`),
          },
        ]}
        onAddButtonClick={() => {
          onChange([...entries, { name: '', type: 'string', value: '' }]);
        }}
        onRemoveButtonClick={({ detail }) => {
          onChange(entries.filter((_, at) => at !== detail.itemIndex));
        }}
      />
    </Container>
  );
}
