import type { Member } from './member.ts';

/** Why a worker gets no new work. */
export type Obstacle =
  | 'negative'
  | 'busy'
  | 'draining'
  | 'drained'
  | 'suspended'
  | 'transferring'
  | 'silent'
  | 'cut-off';

const words: Readonly<Record<Obstacle, string>> = {
  negative: 'its priority is negative',
  busy: 'it is busy (dnd)',
  draining: 'it has asked to be drained',
  drained: 'an operator drains it',
  suspended: 'an operator has suspended it',
  transferring: 'it is told to connect elsewhere',
  silent: 'it does not answer pings any more',
  'cut-off': 'its server cannot be reached',
};

/** Why `member` gets no new work, what an operator may change first; `undefined` when nothing keeps it from work. */
export function obstacleOf(member: Member): Obstacle | undefined {
  if (member.order?.held !== undefined) return member.order.held;
  if (member.transfer !== undefined) return 'transferring';
  if (member.state === 'cut-off') return 'cut-off';
  if (member.state === 'suspended') return 'silent';
  if (member.drain) return 'draining';
  if (member.show === 'dnd') return 'busy';
  return member.priority < 0 ? 'negative' : undefined;
}

/** An obstacle as the end of a sentence. */
export function obstacleInWords(obstacle: Obstacle): string {
  return words[obstacle];
}
