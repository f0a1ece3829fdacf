import { createInterface } from 'node:readline/promises';
import { commands } from '../../core/commands/perform.ts';
import { needOf } from '../../http/command-paths.ts';
import type { LoadRequest } from '../load.ts';
import { ProgressBar } from '../terminal/progress-bar.ts';
import { ask, complain, targetOf } from './api.ts';
import { readAnswer, renderAnswer } from './command-view.ts';
import { followRedrive } from './follow-redrive.ts';

/** What every command to a router that runs says. */
export interface OperateRequest {
  readonly load: LoadRequest;
  /** Whether the answer is for machines: JSON. */
  readonly json: boolean;
  /** Whether the operator has said beforehand that he means it. */
  readonly yes: boolean;
}

/** What a command asks for, as a command line shows it. */
export interface Parameter {
  readonly name: string;
  readonly help: string;
  readonly flag: boolean;
  /** Whether several may be given. */
  readonly list: boolean;
  readonly required: boolean;
  readonly fallback: string | undefined;
  readonly choices: readonly string[] | undefined;
}

/** One of the operator's commands, as a command line shows it. */
export interface Verb {
  /** Name of the command. */
  readonly command: string;
  readonly verb: string;
  readonly help: string;
  /** Whether the operator is asked before. */
  readonly asks: boolean;
  readonly parameters: readonly Parameter[];
}

/** The commands about `things`, such as `workers`, in the order of their list. */
export function verbsOf(things: string): readonly Verb[] {
  return [...commands.values()].flatMap(({ name, help, fields, destroys }) => {
    const [about, verb = ''] = name.split('.', 2);
    if (about !== things) return [];
    const parameters = fields.map((field) => ({
      name: field.name,
      help: field.help,
      flag: field.kind === 'flag',
      list: field.kind === 'list',
      required: field.required,
      fallback: field.kind === 'flag' ? undefined : field.fallback,
      choices: field.choices,
    }));
    return [{ command: name, verb, help, asks: destroys !== undefined, parameters }];
  });
}

/**
 * Gives a command to the router that runs, and shows its answer. Returns the exit code: 0 done,
 * 1 it was refused, or the operator changed his mind, 2 there is no way to the router.
 */
export async function operate(
  request: OperateRequest,
  name: string,
  given: Readonly<Record<string, unknown>>,
): Promise<number> {
  const command = commands.get(name);
  if (command === undefined) return 2;
  const target = targetOf(request.load, needOf(command), request.json);
  if (target === undefined) return 2;
  if (command.destroys !== undefined && !request.yes && !(await agreed(command.destroys))) return 1;
  const answer = await ask(target, 'POST', `/v1/commands/${name}`, given, readAnswer);
  if (answer === undefined) return 1;
  const { columns: width } = process.stdout;
  process.stdout.write(
    request.json ? `${JSON.stringify(answer)}\n` : renderAnswer(command.view, answer, { width, now: Date.now() }),
  );
  // It only begins with the answer; without a terminal nobody looks on.
  if (name !== 'queue.redrive' || request.json || !process.stdout.isTTY) return 0;
  return (await followRedrive(target, given['pool'], new ProgressBar(process.stdout))) ? 0 : 1;
}

/** Asks whether the operator means it; without a terminal nobody could say so. */
async function agreed(loss: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    complain(`${loss} Give --yes to say that you mean it.`);
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await terminal.question(`${loss} Go on? [y/N] `)).trim());
  } finally {
    terminal.close();
  }
}
