import { type Member, weightOf } from './member.ts';
import type { Pool } from './pool.ts';

/** What the pool's presence tells a worker, in words: its name, its share, and why it gets nothing. */
export function statusFor(pool: Pool, member: Member, problem: string | undefined): string {
  const parts = [`You are worker ${member.label} of ${pool.settings.name}`];
  if (member.priority < 0) parts.push('your priority is negative, so you get no new work');
  else if (member.show === 'dnd') parts.push('you are busy (dnd), so you get no new work');
  else if (member.drain) parts.push('you are draining, so you get no new messages');
  else if (pool.algorithm === 'weighted' || pool.algorithm === 'leastbusy' || pool.algorithm === 'sticky')
    parts.push(`your weight is ${weightOf(member)}`);
  if (member.capacity !== undefined)
    parts.push(`your capacity of ${member.capacity} is noted, and limits nothing here`);
  if (problem !== undefined) parts.push(`ignored: ${problem}`);
  return `${parts.join('; ')}.`;
}
