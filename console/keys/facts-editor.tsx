import AttributeEditor from '@cloudscape-design/components/attribute-editor';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import { FACT_TYPES, type FactDraft, type FactType } from './draft.ts';
import { FaultLine } from './fault-line.tsx';

interface FactsEditorProps {
  readonly facts: readonly FactDraft[];
  readonly faults: ReadonlyMap<string, string>;
  readonly titled: string;
  readonly onChange: (facts: readonly FactDraft[]) => void;
}

const TYPE_NAMES: Record<FactType, string> = { text: 'Text', number: 'Number', 'yes-no': 'Yes or no' };
const TYPE_OPTIONS = FACT_TYPES.map((type) => ({ value: type, label: TYPE_NAMES[type] }));
const YES_NO = [
  { value: 'true', label: 'Yes' },
  { value: 'false', label: 'No' },
];

/** Facts about a key that no schema names. */
export function FactsEditor({ facts, faults, titled, onChange }: FactsEditorProps) {
  const change = (index: number, changed: Partial<FactDraft>) => {
    onChange(facts.map((fact, at) => (at === index ? { ...fact, ...changed } : fact)));
  };
  return (
    <Container
      header={
        <Header variant="h2" description="Facts of your own about the key.">
          {titled}
        </Header>
      }
    >
      <FaultLine fault={faults.get('metadata')} />
      <AttributeEditor
        items={facts}
        addButtonText="Add a fact"
        removeButtonText="Remove"
        removeButtonAriaLabel={({ name }) => `Remove ${name}`}
        empty="None."
        definition={[
          {
            label: 'Name',
            control: ({ name }, index) => (
              <Input
                ariaLabel="Name of the fact"
                value={name}
                placeholder="costCentre"
                onChange={({ detail }) => {
                  change(index, { name: detail.value });
                }}
              />
            ),
            errorText: ({ name }, index) => faults.get(`facts.${String(index)}.name`) ?? faults.get(`metadata.${name}`),
          },
          {
            label: 'Type',
            control: ({ type, kept }, index) =>
              kept === undefined ? (
                <Select
                  ariaLabel="Type of the fact"
                  options={TYPE_OPTIONS}
                  selectedOption={TYPE_OPTIONS.find(({ value }) => value === type) ?? null}
                  onChange={({ detail }) => {
                    const chosen = FACT_TYPES.find((one) => one === detail.selectedOption.value) ?? 'text';
                    change(index, { type: chosen, value: chosen === 'yes-no' ? 'true' : '' });
                  }}
                />
              ) : (
                <Input ariaLabel="Type of the fact" value="List or map" readOnly />
              ),
          },
          {
            label: 'Value',
            control: ({ type, value, kept }, index) =>
              type === 'yes-no' ? (
                <Select
                  ariaLabel="Value of the fact"
                  options={YES_NO}
                  selectedOption={YES_NO.find((option) => option.value === value) ?? null}
                  onChange={({ detail }) => {
                    change(index, { value: detail.selectedOption.value ?? 'false' });
                  }}
                />
              ) : (
                <Input
                  ariaLabel="Value of the fact"
                  value={value}
                  readOnly={kept !== undefined}
                  type={type === 'number' ? 'number' : 'text'}
                  step="any"
                  onChange={({ detail }) => {
                    change(index, { value: detail.value });
                  }}
                />
              ),
            errorText: (_item, index) => faults.get(`facts.${String(index)}.value`),
          },
        ]}
        onAddButtonClick={() => {
          onChange([...facts, { name: '', type: 'text', value: '' }]);
        }}
        onRemoveButtonClick={({ detail }) => {
          onChange(facts.filter((_, at) => at !== detail.itemIndex));
        }}
      />
    </Container>
  );
}
