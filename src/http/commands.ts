import type { IncomingMessage } from 'node:http';
import type { CommandResult } from '../core/commands/command.ts';
import { type CommandAccess, refusalFor, sessionOf } from './access.ts';
import { readObject } from './body.ts';
import { commandPlace } from './command-paths.ts';
import { openApi } from './openapi.ts';
import { refusal } from './refusal.ts';
import { failure, json, type Reply, type Stream } from './reply.ts';
import type { Ask, CommandRequest, Place } from './request.ts';
import { transferPlace } from './transfer-paths.ts';
import { watchPlace } from './watch-paths.ts';
import type { Watches } from './watches.ts';

/** How commands are given over HTTP. */
export interface CommandDoor extends CommandAccess {
  /** Of Switchyard. */
  readonly version: string;
  /** Gives a command; see `core/commands`. */
  readonly perform: (name: string, given: Readonly<Record<string, unknown>>) => CommandResult;
  readonly watches: Watches;
}

/** Whether this path is one of the API. */
export function isCommandPath(path: string): boolean {
  return path.startsWith('/v1/');
}

/** Answers a request for a command, by its name or by a resource that it is about. */
export async function answerCommand(
  door: CommandDoor,
  request: IncomingMessage,
  path: string,
  query: string,
): Promise<Reply | Stream> {
  const place = commandPlace(path) ?? watchPlace(path) ?? transferPlace(path) ?? ownPlace(door, request, path);
  const asked = request.method === 'HEAD' ? 'GET' : request.method;
  const method = place?.methods.find((each) => each === asked);
  // Who may not even read is not told what there is.
  const denial = refusalFor(door, request, needOf(place, method));
  if (denial !== undefined) return denial;
  if (place === undefined) {
    const text =
      'There is only /v1/commands, with what it lists, /v1/watch with what of that reads, and /v1/transfers.';
    return failure('not-found', { text });
  }
  if (method === undefined) {
    const { methods } = place;
    const headers = { allow: methods.join(', ') };
    return failure('method-not-allowed', { text: `Here is only ${methods.join(' and ')}.`, headers });
  }
  const read = await readObject(request);
  if ('reply' in read) return read.reply;
  const ask = place.ask({ method, query, object: read.object });
  if ('type' in ask) return ask;
  if ('command' in ask) return give(door, ask);
  return request.method === 'HEAD' ? { status: 200, type: 'text/event-stream', body: '' } : door.watches.answer(ask);
}

/** What is to be known of the API: what this client may do, and all that there is. */
function ownPlace(door: CommandDoor, request: IncomingMessage, path: string): Place | undefined {
  const { version } = door;
  switch (path) {
    case '/v1/session': {
      const session = () => json(200, { ...sessionOf(door, request), version });
      return { methods: ['GET'], needs: () => 'nothing', ask: session };
    }
    case '/v1/openapi.json':
      return { methods: ['GET'], needs: () => 'read', ask: () => json(200, openApi(version)) };
    default:
      return undefined;
  }
}

function needOf(place: Place | undefined, method: CommandRequest['method'] | undefined) {
  return place === undefined || method === undefined ? 'read' : place.needs(method);
}

async function give(door: CommandDoor, { command, given, done }: Ask): Promise<Reply> {
  const result = door.perform(command, given);
  const end = 'later' in result ? await result.later : result;
  return 'done' in end ? json(done, end.done) : refusal(end);
}
