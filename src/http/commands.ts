import type { IncomingMessage } from 'node:http';
import type { CommandResult } from '../core/commands/command.ts';
import { errors } from '../core/errors.ts';
import { type CommandAccess, refusalFor } from './access.ts';
import { readObject } from './body.ts';
import { failure, json, type Reply } from './reply.ts';

/** How commands are given over HTTP. */
export interface CommandDoor extends CommandAccess {
  /** Gives a command; see `core/commands`. */
  readonly perform: (name: string, given: Readonly<Record<string, unknown>>) => CommandResult;
}

/** What a request asks for, before its body was read. */
interface Ask {
  readonly command: string;
  readonly given: Readonly<Record<string, unknown>>;
  /** Status when it is done. */
  readonly done: number;
}

const prefix = '/v1/';
const scenarios = ['maintenance', 'rebalance'];

/** Whether this path is one where commands are given. */
export function isCommandPath(path: string): boolean {
  return path.startsWith(prefix);
}

/**
 * Answers a request for a command:
 *
 *     POST /v1/transfers               starts a run: {"scenario": "maintenance", "pool": "jobs", ...}
 *     GET  /v1/transfers               every run in short
 *     GET  /v1/transfers/{id}          one run with its workers; ?skip=100 leaves out the first 100
 *     POST /v1/transfers/{id}/cancel   ends it
 */
export async function answerCommand(
  door: CommandDoor,
  request: IncomingMessage,
  path: string,
  query: string,
): Promise<Reply> {
  const refusal = refusalFor(door, request);
  if (refusal !== undefined) return refusal;
  const method = request.method === 'HEAD' ? 'GET' : (request.method ?? '');
  const [, id, cancel] = /^\/v1\/transfers(?:\/([A-Za-z0-9]{1,32})(\/cancel)?)?$/.exec(path) ?? [undefined];
  if (!path.startsWith('/v1/transfers') || (id === undefined && path !== '/v1/transfers')) {
    return failure(404, 'not-found', 'There is only /v1/transfers, /v1/transfers/{id} and /v1/transfers/{id}/cancel.');
  }
  const posts = id === undefined ? ['GET', 'POST'] : [cancel === undefined ? 'GET' : 'POST'];
  if (!posts.includes(method)) {
    return failure(405, 'method-not-allowed', `Here is only ${posts.join(' and ')}.`, { allow: posts.join(', ') });
  }
  const read = await readObject(request);
  if ('reply' in read) return read.reply;
  const ask = method === 'POST' && id === undefined ? startOf(read.object) : askFor(id, cancel !== undefined, query);
  if ('type' in ask) return ask;
  return replyFor(door.perform(ask.command, ask.given), ask.done);
}

function startOf({ scenario, ...given }: Readonly<Record<string, unknown>>): Ask | Reply {
  if (typeof scenario !== 'string' || !scenarios.includes(scenario)) {
    return replyFor({ refused: 'command-input', field: 'scenario', text: `Write ${scenarios.join(' or ')}.` }, 0);
  }
  return { command: `transfers.${scenario}`, given, done: 202 };
}

function askFor(id: string | undefined, cancel: boolean, query: string): Ask {
  if (id === undefined) return { command: 'transfers.list', given: {}, done: 200 };
  if (cancel) return { command: 'transfers.cancel', given: { id }, done: 200 };
  const skip = new URLSearchParams(query).get('skip');
  return { command: 'transfers.show', given: skip === null ? { id } : { id, skip }, done: 200 };
}

function replyFor(result: CommandResult, done: number): Reply {
  if ('done' in result) return json(done, result.done);
  const { refused: code, field, text } = result;
  const row = errors[code];
  return json(row.http, { error: { code, text: text ?? row.text, ...(field === undefined ? {} : { field }) } });
}
