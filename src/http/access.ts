import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { failure, type Reply } from './reply.ts';

/** Who may give commands over HTTP. */
export interface CommandAccess {
  /** What a client has to know; `undefined` when nobody may come over TCP. */
  readonly token: string | undefined;
  /** Whether the listener is a socket in the file system, whose permissions say who may open it. */
  readonly socket: boolean;
}

const advice = 'Set http.token or http.tokenFile, or let http.listen be unix:/path, and restart.';

/** Why this client may give no commands, or `undefined` if it may. */
export function refusalFor(access: CommandAccess, request: IncomingMessage): Reply | undefined {
  if (access.socket) return undefined;
  if (access.token === undefined) {
    return failure(403, 'not-configured', `Over TCP commands are taken only with a token, and none is set. ${advice}`);
  }
  const [, given] = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
  if (given !== undefined && same(given, access.token)) return undefined;
  const text = given === undefined ? 'This needs the token: Authorization: Bearer ...' : 'The token is not this.';
  return failure(401, 'unauthorized', text, { 'www-authenticate': 'Bearer' });
}

/** In a time that tells nothing of where two texts differ. */
function same(a: string, b: string): boolean {
  return timingSafeEqual(digest(a), digest(b));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
