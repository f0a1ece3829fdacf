import type { EventName } from '../core/ports.ts';

/** What each event counter counts, for people; the label `event`. */
export const eventMeanings: Readonly<Record<EventName, string>> = {
  copies: 'Copies of one message to several workers, the first not counted.',
  'hint-obeyed': "A sender's routing hint chose the algorithm.",
  'hint-ignored': "A sender's routing hint named an algorithm that the pool does not take hints for.",
  'waited-forwarded': 'A message that had waited for a worker to be verified was forwarded.',
  'waited-bounced': 'A message that had waited for a worker to be verified was answered with an error.',
  'waited-dropped':
    'A message that had waited for a worker to be verified ended without an answer: a headline, or there was no link.',
  'id-replaced':
    "A message's id was absent, too long, or that of another open message of its sender: its worker got one of ours.",
  'request-answered': 'A worker answered a request, and who asked got the answer.',
  'request-retried': 'A get was given to another worker, because its worker was gone.',
  'request-timeout': 'A request was answered with an error, because no worker answered in time.',
  'request-lost': 'A request was answered with an error, because its worker was gone and no other could be asked.',
  'ring-retried': 'A message that bounced off a worker was given to another.',
  'ring-exhausted': 'A message bounced off a worker, and no other was left to try: its sender was told.',
  'ring-evicted':
    'A message that no worker had answered was forgotten early, for want of room: a bounce of it cannot be retried.',
  'member-joined': 'A worker joined.',
  'member-left': 'A worker left.',
  'member-restored': 'A member was read back from the store.',
  'member-verified': 'A restored member turned out to be alive.',
  'member-unverified': 'A restored member did not answer, and stays as a last resort.',
  'member-suspended': 'A member stopped answering pings; it gets nothing until it is heard.',
  'member-lost': 'A member was removed because it is gone.',
  'member-dismissed': 'A member was removed because a reload forbids it to work, or closed its pool.',
  'preference-changed': "A pool's algorithm was changed (XEP-0354).",
  'alias-made': 'A sender was given an alias, under which the workers of a pool know him.',
  'session-opened': 'A client uses an instance of a service, and is told when it goes.',
  'session-ended': 'A client no longer uses an instance, or the instance is gone.',
  'session-refused': 'There was no room to remember that a client uses an instance.',
  'alias-expired': 'An alias was forgotten, 30 days after its last use.',
  'write-failed': 'A change of membership that the store did not take.',
};
