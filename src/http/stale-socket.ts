import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';

/**
 * Removes the socket file at `path` if it is one and nobody listens on it: what a killed process
 * leaves behind. Says whether it was removed. Never touches a file of another kind.
 */
export async function removeStaleSocket(path: string): Promise<boolean> {
  const stats = await lstat(path);
  if (!stats.isSocket() || !(await isDead(path))) return false;
  await unlink(path);
  return true;
}

/** Only a refusal proves that nobody listens; a full backlog or lacking rights do not. */
function isDead(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: Error & { readonly code?: string }) => resolve(error.code === 'ECONNREFUSED'));
  });
}
