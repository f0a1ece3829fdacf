import { capsOf } from '../../discovery/caps.ts';
import type { WorkerWish } from '../../envelope.ts';
import { ownCopy } from '../../memory/own-copy.ts';
import type { Out, Sent } from '../../ports.ts';
import type { CapsVersion } from '../../requests/answer.ts';
import type { Member } from '../member.ts';
import type { Pool } from '../pool.ts';
import { standingOf, statusFor } from './status.ts';
import type { Told } from './told.ts';

/** The least time between two presences of a pool to a member that say the same, in milliseconds. */
const tellAgain = 1_000;

/** What pools and their members say to each other by presence. What was said last stands with the member. */
export class Talks {
  readonly #out: Out;
  readonly #capsVersion: CapsVersion;
  /** What was said last to anybody: most are told the same, and share it. */
  #last: Told | undefined;

  constructor(out: Out, capsVersion: CapsVersion) {
    this.#out = out;
    this.#capsVersion = capsVersion;
  }

  /** Notes what a member's presence asks for; returns a label that it did not ask for before. */
  hear(member: Member, wish: WorkerWish | undefined): string | undefined {
    const before = member.wished?.label;
    const label = kept(wish?.label);
    const problem = kept(wish?.problem);
    member.wished = label === undefined && problem === undefined ? undefined : { label, problem };
    return label === before ? undefined : label;
  }

  /** The pool's own presence to a member; the status says in words what the member should know. */
  tell(pool: Pool, member: Member, id: string | undefined, now: number): Sent {
    const caps = capsOf(pool, this.#capsVersion);
    const told = toTell(pool, member, caps.version);
    const shared = this.#last !== undefined && same(this.#last, told) ? this.#last : told;
    this.#last = shared;
    member.told = shared;
    member.toldAt = now;
    const { jid: to } = member;
    const status = statusFor(pool, member, told);
    return this.#out.presence({ from: pool.jid, to, id, type: 'available', status, caps, error: undefined });
  }

  /** Answers a member's presence, unless it was told the same a moment ago: two clients that answer every presence with one must not keep each other busy. */
  answer(pool: Pool, member: Member, id: string | undefined, now: number): void {
    const { told, toldAt } = member;
    const changed = told === undefined || !same(told, toTell(pool, member, told.caps));
    if (changed || (id !== undefined && now - toldAt >= tellAgain)) this.tell(pool, member, id, now);
  }

  /** Whether there is something that the member was not told. */
  isNews(pool: Pool, member: Member): boolean {
    const { told } = member;
    return told === undefined || !same(told, toTell(pool, member, capsOf(pool, this.#capsVersion).version));
  }
}

function toTell(pool: Pool, member: Member, caps: string): Told {
  const { capacity, wished } = member;
  return { standing: standingOf(pool, member), capacity, problem: wished?.problem, caps };
}

function same(a: Told, b: Told): boolean {
  return a.standing === b.standing && a.capacity === b.capacity && a.problem === b.problem && a.caps === b.caps;
}

/** In memory of its own: what a member asks for may be a piece of all that was read with it. */
function kept(text: string | undefined): string | undefined {
  return text === undefined ? undefined : ownCopy(text);
}
