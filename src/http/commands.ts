import type { IncomingMessage } from 'node:http';
import type { CommandResult } from '../core/commands/command.ts';
import { type CommandAccess, refusalFor } from './access.ts';
import { readObject } from './body.ts';
import { commandPlace } from './command-paths.ts';
import { refusal } from './refusal.ts';
import { failure, json, type Reply } from './reply.ts';
import { transferPlace } from './transfer-paths.ts';

/** How commands are given over HTTP. */
export interface CommandDoor extends CommandAccess {
  /** Gives a command; see `core/commands`. */
  readonly perform: (name: string, given: Readonly<Record<string, unknown>>) => CommandResult;
}

/** Whether this path is one where commands are given. */
export function isCommandPath(path: string): boolean {
  return path.startsWith('/v1/');
}

/** Answers a request for a command, by its name or by a resource that it is about. */
export async function answerCommand(
  door: CommandDoor,
  request: IncomingMessage,
  path: string,
  query: string,
): Promise<Reply> {
  const denial = refusalFor(door, request);
  if (denial !== undefined) return denial;
  const place = commandPlace(path) ?? transferPlace(path);
  if (place === undefined) {
    return failure(404, 'not-found', 'There is only /v1/commands, with what it lists, and /v1/transfers.');
  }
  const asked = request.method === 'HEAD' ? 'GET' : request.method;
  const method = place.methods.find((each) => each === asked);
  if (method === undefined) {
    const { methods } = place;
    return failure(405, 'method-not-allowed', `Here is only ${methods.join(' and ')}.`, { allow: methods.join(', ') });
  }
  const read = await readObject(request);
  if ('reply' in read) return read.reply;
  const ask = place.ask({ method, query, object: read.object });
  if ('type' in ask) return ask;
  const result = door.perform(ask.command, ask.given);
  const end = 'later' in result ? await result.later : result;
  return 'done' in end ? json(ask.done, end.done) : refusal(end);
}
