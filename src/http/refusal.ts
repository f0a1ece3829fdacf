import type { CommandEnd } from '../core/commands/command.ts';
import { errors } from '../core/errors.ts';
import { json, type Reply } from './reply.ts';

/** How a command that was refused is answered. */
export function refusal({ refused: code, field, text }: Extract<CommandEnd, { readonly refused: unknown }>): Reply {
  const row = errors[code];
  return json(row.http, { error: { code, text: text ?? row.text, ...(field === undefined ? {} : { field }) } });
}
