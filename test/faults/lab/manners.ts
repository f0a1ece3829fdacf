import { Random } from './random.ts';

/** How a worker treats what it gets. Shares are percent of the messages; what is left over is done well. */
export interface Manners {
  /** How it says that a message is done: a receipt when it came (XEP-0184), an `<ack/>` after the work, or the answer to a request. */
  readonly ack: 'receipt' | 'processed' | 'iq';
  /** Milliseconds of work for a message, least and most. */
  readonly work: readonly [number, number];
  /** Says nothing at all. */
  readonly never?: number;
  /** Acknowledges, and once more. */
  readonly twice?: number;
  /** Acknowledges after its time is over. */
  readonly late?: number;
  /** Refuses after its time is over. */
  readonly lateReject?: number;
  /** Acknowledges from another session of its account. */
  readonly elsewhere?: number;
  /** Refuses for itself. */
  readonly reject?: number;
  /** Refuses for good. */
  readonly refuse?: number;
  /** Asks for more time, and uses it. */
  readonly extend?: number;
  /** Answers the sender. */
  readonly answer?: number;
  /** Leaves and comes again, each after so many milliseconds. */
  readonly flap?: number;
  /** Kills itself when it has acknowledged so many, before it does the work. */
  readonly dieAfter?: number;
}

const ways = ['never', 'twice', 'late', 'lateReject', 'elsewhere', 'reject', 'refuse', 'extend'] as const;

export type Way = (typeof ways)[number] | 'well';

/** What a worker does with one message: follows from the seed, the message and the attempt, not from when it comes. */
export interface Plan {
  readonly way: Way;
  /** Milliseconds. */
  readonly work: number;
  readonly answer: boolean;
}

export function planFor(manners: Manners, seed: number, key: string): Plan {
  const random = new Random(seed ^ hashOf(key));
  let point = random.next() * 100;
  const way = ways.find((name) => {
    point -= manners[name] ?? 0;
    return point < 0;
  });
  return {
    way: way ?? 'well',
    work: random.between(...manners.work),
    answer: random.chance(manners.answer ?? 0),
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
