import type { Refusal } from '../core/commands/command.ts';
import { errors } from '../core/errors/errors.ts';
import { json, type Reply } from './reply.ts';

type Refused = Refusal;

/** How a command that was refused is answered. */
export function refusal(refused: Refused): Reply {
  return json(errors[refused.refused].http, refusalBody(refused));
}

/** The object that says why a command was refused. */
export function refusalBody({ refused: code, field, text }: Refused): object {
  return { error: { code, text: text ?? errors[code].text, ...(field === undefined ? {} : { field }) } };
}
