import { cannotAcknowledge, whyCannot } from '../../durable/levels.ts';
import { type Member, weightOf } from '../member.ts';
import type { Pool } from '../pool.ts';
import type { Standing, Told } from './told.ts';

/** What decides how much of the pool's work a member gets. */
export function standingOf(pool: Pool, member: Member): Standing {
  if (member.order?.held !== undefined) return member.order.held;
  if (member.priority < 0) return 'negative';
  if (member.show === 'dnd') return 'busy';
  if (member.drain) return 'draining';
  const { guarantee, ack } = pool.settings.delivery;
  const unable = guarantee === 'at-least-once' ? whyCannot(member, ack) : undefined;
  if (unable !== undefined) return unable;
  const { algorithm } = pool;
  return algorithm === 'weighted' || algorithm === 'leastbusy' || algorithm === 'sticky' ? weightOf(member) : undefined;
}

/** What the pool's presence tells a worker, in words: its name, its share, and why it gets nothing. */
export function statusFor(pool: Pool, member: Member, { standing, capacity, problem }: Told): string {
  const parts = [`You are worker ${member.label} of ${pool.settings.name}`];
  if (standing !== undefined) parts.push(inWords(standing));
  if (capacity !== undefined) parts.push(capacityInWords(pool, capacity));
  if (problem !== undefined) parts.push(`ignored: ${problem}`);
  return `${parts.join('; ')}.`;
}

function inWords(standing: Exclude<Standing, undefined>): string {
  switch (standing) {
    case 'negative':
      return 'your priority is negative, so you get no new work';
    case 'busy':
      return 'you are busy (dnd), so you get no new work';
    case 'draining':
      return 'you are draining, so you get no new messages';
    case 'drained':
      return 'an operator drains you, so you get no new messages';
    case 'suspended':
      return 'an operator has suspended you, so you get no messages';
    default:
      return typeof standing === 'number' ? `your weight is ${standing}` : cannotAcknowledge[standing];
  }
}

function capacityInWords(pool: Pool, capacity: number): string {
  return pool.mayBeDurable
    ? `you hold at most ${capacity} unacknowledged messages at a time`
    : `your capacity of ${capacity} is noted, and limits nothing here`;
}
