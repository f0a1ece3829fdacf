import type { HeldQueue } from '../../store/examine.ts';

/** What messages a database holds, to follow other words about it; empty when none. */
export function heldText(queues: readonly HeldQueue[]): string {
  const open = queues.reduce((sum, queue) => sum + queue.open, 0);
  const dead = queues.reduce((sum, queue) => sum + queue.dead, 0);
  return open + dead === 0 ? '' : `, and holds ${amounts(open, dead)}`;
}

/** How many messages wait for workers, and how many are dead. */
export function amounts(open: number, dead: number): string {
  const letters = `${dead} dead ${dead === 1 ? 'letter' : 'letters'}`;
  if (open === 0) return letters;
  const messages = `${open} ${open === 1 ? 'message' : 'messages'} for workers`;
  return dead === 0 ? messages : `${messages} and ${letters}`;
}
