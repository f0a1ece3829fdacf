import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { failure, type Reply } from './reply.ts';

/** Who may read, and who may give commands, over HTTP. */
export interface CommandAccess {
  /** What a client has to know; `undefined` when nobody may change anything over TCP. */
  readonly token: string | undefined;
  /** Whether the listener is a socket in the file system, whose permissions say who may open it. */
  readonly socket: boolean;
  /** Who may read over TCP what says nothing of what messages hold. */
  readonly read: 'anyone' | 'token';
}

/** What one must be allowed for something: nothing, to read, or everything. */
export type Need = 'nothing' | 'read' | 'all';

/** What a client may do, as it is told. */
export interface Session {
  readonly write: boolean;
  /** It may not even read before it sends the token. */
  readonly tokenNeeded: boolean;
}

/** Why this client may not have what needs `need`, or `undefined` if it may. */
export function refusalFor(access: CommandAccess, request: IncomingMessage, need: Need): Reply | undefined {
  if (access.socket || need === 'nothing') return undefined;
  const given = tokenOf(request);
  if (given === undefined && need === 'read' && access.read === 'anyone') return undefined;
  if (access.token === undefined) {
    if (need === 'read' && access.read === 'anyone') return undefined;
    return failure('not-configured');
  }
  if (given !== undefined && same(given, access.token)) return undefined;
  const headers = { 'www-authenticate': 'Bearer' };
  return failure('unauthorized', given === undefined ? { headers } : { headers, text: 'The token is not this.' });
}

/** What this client may do, with the token that it sent, if any. */
export function sessionOf(access: CommandAccess, request: IncomingMessage): Session {
  const write = refusalFor(access, request, 'all') === undefined;
  return { write, tokenNeeded: !write && access.read === 'token' };
}

/** Other schemes are for a proxy before us to read. */
function tokenOf(request: IncomingMessage): string | undefined {
  return /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
}

/** In a time that tells nothing of where two texts differ. */
function same(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
