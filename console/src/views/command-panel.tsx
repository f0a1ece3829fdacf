import { useState } from 'preact/hooks';
import { type CommandAbout, type FormValues, firstValues, givenOf, missingFields } from '../form/command-form.ts';
import { useDesk } from '../hooks.ts';
import type { Answer, Refusal } from '../live/answer.ts';
import { ReadOnlyHint, useMayWrite } from '../parts/act.tsx';
import { Confirm } from '../parts/dialog.tsx';
import { AnswerPanel } from './answer-panel.tsx';
import { FieldInput } from './field-input.tsx';

interface CommandPanelProps {
  readonly command: CommandAbout;
  /** What stands in the form already. */
  readonly known: FormValues;
}

/** What stands in the form of a command, and what became of it. */
function useCommandForm({ command: { name, fields, destroys }, known }: CommandPanelProps) {
  const desk = useDesk();
  const [values, setValues] = useState(() => firstValues(fields, known));
  const [answer, setAnswer] = useState<Answer | undefined>(undefined);
  const [missing, setMissing] = useState<readonly string[]>([]);
  const [asking, setAsking] = useState(false);
  const [busy, setBusy] = useState(false);
  const give = async (): Promise<void> => {
    setBusy(true);
    setAnswer(await desk.give(name, givenOf(fields, values)));
    setBusy(false);
  };
  const submit = (): void => {
    const absent = missingFields(fields, values);
    setMissing(absent);
    setAnswer(undefined);
    if (absent.length > 0) return;
    if (destroys === null) void give();
    else setAsking(true);
  };
  return { values, setValues, answer, missing, asking, setAsking, busy, give, submit };
}

/** The form of a command, made from its fields, and what became of it. */
export function CommandPanel({ command, known }: CommandPanelProps) {
  const may = useMayWrite(command.name);
  const form = useCommandForm({ command, known });
  const { title, help, fields, reads, destroys } = command;
  const { values, answer, busy } = form;
  const refused = answer !== undefined && 'refused' in answer ? answer.refused : undefined;
  return (
    <section class="panel" aria-labelledby="command-title">
      <h2 id="command-title">{title}</h2>
      <p>{help}</p>
      {!reads && <ReadOnlyHint what="This command" command={command.name} />}
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          form.submit();
        }}
      >
        {fields.map((field) => (
          <FieldInput
            key={field.name}
            field={field}
            value={values[field.name] ?? ''}
            problem={problemOf(field.name, form.missing, refused)}
            onValue={(value) => form.setValues({ ...values, [field.name]: value })}
          />
        ))}
        {refused !== undefined && refused.field === undefined && <Problem text={refused.text} />}
        <button type="submit" class={destroys === null ? 'primary' : 'danger'} disabled={busy || (!reads && !may)}>
          {busy ? 'Working …' : title}
        </button>
      </form>
      {answer !== undefined && 'done' in answer && <AnswerPanel answer={answer.done} />}
      {form.asking && (
        <Confirm
          title={`${title}?`}
          text={destroys ?? ''}
          act={title}
          onClose={() => form.setAsking(false)}
          onAct={() => void form.give()}
        />
      )}
    </section>
  );
}

function Problem({ text }: { readonly text: string }) {
  return (
    <p class="problem" role="alert">
      {text}
    </p>
  );
}

function problemOf(field: string, missing: readonly string[], refused: Refusal | undefined): string {
  if (missing.includes(field)) return 'This is missing.';
  return refused?.field === field ? refused.text : '';
}
