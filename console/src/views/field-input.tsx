import { useId } from 'preact/hooks';
import type { CommandField } from '../form/command-form.ts';
import { useCell, useDesk } from '../hooks.ts';

interface FieldInputProps {
  readonly field: CommandField;
  readonly value: string;
  /** What is wrong with it, in words. */
  readonly problem: string;
  readonly onValue: (value: string) => void;
}

/** One field of a form, as its kind wants it. */
export function FieldInput({ field, value, problem, onValue }: FieldInputProps) {
  const id = useId();
  const about = {
    id,
    'aria-describedby': `${id}-help`,
    'aria-invalid': problem !== '',
    'aria-required': field.required,
  };
  const help = (
    <span id={`${id}-help`} class="field-help">
      {problem !== '' && <strong class="problem">{problem} </strong>}
      {field.help}
    </span>
  );
  if (field.kind === 'flag') {
    return (
      <div class="field">
        <label class="check" for={id}>
          <input
            {...about}
            type="checkbox"
            checked={value === 'true'}
            onChange={({ currentTarget }) => onValue(currentTarget.checked ? 'true' : '')}
          />
          {field.label}
        </label>
        {help}
      </div>
    );
  }
  return (
    <div class="field">
      <label for={id}>
        {field.label}
        {field.required && <span class="muted"> (required)</span>}
      </label>
      <Input field={field} value={value} about={about} onValue={onValue} />
      {help}
    </div>
  );
}

interface InputProps extends Pick<FieldInputProps, 'field' | 'value' | 'onValue'> {
  readonly about: { readonly id: string; readonly 'aria-describedby': string };
}

function Input({ field, value, about, onValue }: InputProps) {
  const pools = useCell(useDesk().overview)?.pools ?? [];
  const choices = field.name === 'pool' ? pools.map(({ pool }) => pool) : field.choices;
  if (choices !== null && (field.name !== 'pool' || choices.includes(value) || value === '')) {
    return (
      <select {...about} value={value} onChange={({ currentTarget }) => onValue(currentTarget.value)}>
        <option value="">–</option>
        {choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    );
  }
  if (field.kind === 'list' || field.name === 'settings' || field.name === 'text') {
    return <textarea {...about} rows={3} value={value} onInput={({ currentTarget }) => onValue(currentTarget.value)} />;
  }
  return (
    <input
      {...about}
      type="text"
      inputMode={field.kind === 'whole' ? 'numeric' : 'text'}
      autocomplete="off"
      value={value}
      onInput={({ currentTarget }) => onValue(currentTarget.value)}
    />
  );
}
