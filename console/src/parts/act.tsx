import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { AccessDialog } from '../access-dialog.tsx';
import { plain } from '../form/answer-view.ts';
import { useCell, useDesk, useInstance } from '../hooks.ts';
import { isRecord, type Refusal } from '../live/answer.ts';

/** What became of a command, once the operator was told. */
export type Acted = { readonly done: unknown } | { readonly refused: Refusal };

/**
 * Gives a command, and tells the operator what became of it.
 * @returns What gives it; `told` says what was done where the answer does not.
 */
export function useAct(): (command: string, given: Readonly<Record<string, unknown>>, told: string) => Promise<Acted> {
  const desk = useDesk();
  return async (command, given, told) => {
    const answer = await desk.give(command, given);
    if ('refused' in answer) desk.say('failed', `${told}: ${answer.refused.text}`);
    else desk.say('done', textOf(answer.done) ?? `${told}: done.`);
    return answer;
  };
}

function textOf(answer: unknown): string | undefined {
  const text = isRecord(answer) ? answer['text'] : undefined;
  return text === undefined ? undefined : plain(text);
}

/** What an instance does that stands by, beside showing itself. */
const ofTheProcess: readonly (string | undefined)[] = ['service.reload', 'service.shutdown'];

/** Whether what this page is to change is for the active instance, and this is not the one. */
function useElsewhere(command: string | undefined): boolean {
  return useInstance()?.role === 'standby' && !ofTheProcess.includes(command);
}

/** Whether this page may change anything, or do what `command` does. */
export function useMayWrite(command?: string): boolean {
  const elsewhere = useElsewhere(command);
  return useCell(useDesk().session)?.write === true && !elsewhere;
}

interface ActButtonProps {
  readonly onAct: () => void;
  readonly danger?: boolean;
  readonly primary?: boolean;
  readonly disabled?: boolean;
  /** What a screen reader says, where the text alone is not enough. */
  readonly label?: string;
  readonly children: ComponentChildren;
}

/** A button that changes something: dead without the right to. */
export function ActButton({ onAct, danger, primary, disabled, label, children }: ActButtonProps) {
  const may = useMayWrite();
  const kind = danger === true ? 'danger' : primary === true ? 'primary' : '';
  return (
    <button type="button" class={kind} disabled={!may || disabled === true} aria-label={label} onClick={onAct}>
      {children}
    </button>
  );
}

/** Says why nothing can be changed, and how that is mended; nothing when it can. */
export function ReadOnlyHint({ what, command }: { readonly what: string; readonly command?: string }) {
  const [open, setOpen] = useState(false);
  const session = useCell(useDesk().session);
  if (useElsewhere(command)) return <p class="hint">{what} is for the active instance: this one stands by.</p>;
  if (session === undefined || session.write) return null;
  return (
    <p class="hint">
      {what} needs the token.{' '}
      <button type="button" class="link" onClick={() => setOpen(true)}>
        Give the token
      </button>
      {open && <AccessDialog onClose={() => setOpen(false)} />}
    </p>
  );
}
