import type { CapsVersion } from '../answer.ts';
import { capsOf } from '../caps.ts';
import type { WorkerWish } from '../envelope.ts';
import type { Out, Sent } from '../ports.ts';
import type { Member } from './member.ts';
import type { Pool } from './pool.ts';
import { statusFor } from './status.ts';

/** The least time between two presences of a pool to a member that say the same, in milliseconds. */
const tellAgain = 1_000;

/** What was last said between a pool and a member. */
interface Talk {
  /** The label that the member asked for last. */
  wishedLabel: string | undefined;
  /** What was wrong with its wish. */
  problem: string | undefined;
  told: string;
  /** Version of the pool's capabilities that it was told of. */
  caps: string;
  toldAt: number;
}

/** What pools and their members say to each other by presence. */
export class Talks {
  readonly #out: Out;
  readonly #capsVersion: CapsVersion;
  readonly #talks = new WeakMap<Member, Talk>();

  constructor(out: Out, capsVersion: CapsVersion) {
    this.#out = out;
    this.#capsVersion = capsVersion;
  }

  /** Notes what a member's presence asks for; returns a label that it did not ask for before. */
  hear(member: Member, wish: WorkerWish | undefined): string | undefined {
    const talk = this.#of(member);
    const before = talk.wishedLabel;
    talk.wishedLabel = wish?.label;
    talk.problem = wish?.problem;
    return wish?.label === before ? undefined : wish?.label;
  }

  /** The pool's own presence to a member; the status says in words what the member should know. */
  tell(pool: Pool, member: Member, id: string | undefined, now: number): Sent {
    const talk = this.#of(member);
    const caps = capsOf(pool, this.#capsVersion);
    const status = statusFor(pool, member, talk.problem);
    talk.told = status;
    talk.caps = caps.version;
    talk.toldAt = now;
    const { jid: to } = member;
    return this.#out.presence({ from: pool.jid, to, id, type: 'available', status, caps, error: undefined });
  }

  /** Answers a member's presence, unless it was told the same a moment ago: two clients that answer every presence with one must not keep each other busy. */
  answer(pool: Pool, member: Member, id: string | undefined, now: number): void {
    const { told, problem, toldAt } = this.#of(member);
    const changed = statusFor(pool, member, problem) !== told;
    if (changed || (id !== undefined && now - toldAt >= tellAgain)) this.tell(pool, member, id, now);
  }

  /** Whether there is something that the member was not told. */
  isNews(pool: Pool, member: Member): boolean {
    const { told, caps, problem } = this.#of(member);
    return statusFor(pool, member, problem) !== told || capsOf(pool, this.#capsVersion).version !== caps;
  }

  #of(member: Member): Talk {
    let talk = this.#talks.get(member);
    if (talk === undefined) {
      talk = { wishedLabel: undefined, problem: undefined, told: '', caps: '', toldAt: 0 };
      this.#talks.set(member, talk);
    }
    return talk;
  }
}
