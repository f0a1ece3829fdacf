import type { Show } from '../envelope.ts';
import { type Member, weightOf } from '../pool/member.ts';
import type { AlgorithmName } from '../settings.ts';

/** What presences say, the most eager first (RFC 6121 section 4.7.2.1). */
const shows: readonly Show[] = ['chat', 'online', 'away', 'xa', 'dnd'];

/** Why `member`, who could get a message, has not the next one: what `next` has before it by the algorithm. A sentence. */
export function whyLater(algorithm: AlgorithmName, member: Member, next: Member | undefined, now: number): string {
  if (algorithm === 'sticky' || next === undefined) return 'It gets the messages whose key is its own.';
  switch (algorithm) {
    case 'roundrobin':
      return 'Another has its turn before.';
    case 'weighted':
      return `Another has its turn before, by their weights; its own is ${weightOf(member)}.`;
    case 'all':
      return lowerPriority(member, next) ?? 'Others have a higher priority.';
    case 'mostactive':
      return lowerPriority(member, next) ?? lessEager(member, next) ?? busier(member, next, now);
    case 'leastbusy':
      return busierForItsWeight(member, next, now);
  }
}

function lowerPriority({ priority }: Member, next: Member): string | undefined {
  return priority < next.priority ? `Its priority of ${priority} is lower than ${next.priority}.` : undefined;
}

function lessEager({ show }: Member, next: Member): string | undefined {
  return shows.indexOf(show) > shows.indexOf(next.show) ? `It is ${show}, and another is ${next.show}.` : undefined;
}

function busier(member: Member, next: Member, now: number): string {
  const [mine, least] = [member.inFlight(now), next.inFlight(now)];
  return mine > least ? `It has ${mine} in flight, and another ${least}.` : 'Another has been idle for longer.';
}

function busierForItsWeight(member: Member, next: Member, now: number): string {
  const [mine, least] = [member.inFlight(now), next.inFlight(now)];
  const [weight, other] = [weightOf(member), weightOf(next)];
  if (mine * other <= least * weight) return 'Another has waited longer for its turn.';
  const weights = weight === other ? '' : `, for weights of ${weight} and ${other}`;
  return `It has ${mine} in flight, and another ${least}${weights}.`;
}
