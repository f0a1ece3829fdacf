import type { StoredMember } from '../../durable-state.ts';
import type { Out } from '../../ports.ts';
import type { Member } from '../member.ts';
import type { Roster } from './roster.ts';

/** Changes that the store did not take and that are tried again. */
const unwrittenMost = 10_000;

/** Writes the members of one pool behind the events that change them; a failure is counted, and refuses nothing. */
export class MemberStore {
  readonly #pool: string;
  readonly #roster: Roster;
  readonly #out: Out;
  /** JIDs of members whose last change the store did not take. */
  readonly #unwritten = new Set<string>();

  constructor(pool: string, roster: Roster, out: Out) {
    this.#pool = pool;
    this.#roster = roster;
    this.#out = out;
  }

  put(member: Member): void {
    this.#out.commit({ op: 'put-member', ...this.#row(member) }, (error) => this.#written(member.jid, error));
  }

  remove(jid: string): void {
    this.#out.commit({ op: 'remove-member', pool: this.#pool, jid }, (error) => this.#written(jid, error));
  }

  /** Writes what the store did not take before, as it stands now. */
  again(): void {
    const jids = [...this.#unwritten];
    this.#unwritten.clear();
    for (const jid of jids) {
      const member = this.#roster.get(jid);
      if (member === undefined) this.remove(jid);
      else this.put(member);
    }
  }

  #written(jid: string, error: Error | undefined): void {
    if (error === undefined) return;
    if (this.#unwritten.size < unwrittenMost) this.#unwritten.add(jid);
    this.#out.event('write-failed', this.#pool);
  }

  #row(member: Member): StoredMember {
    return {
      pool: this.#pool,
      jid: member.jid,
      label: member.label,
      sequence: member.sequence,
      priority: member.priority,
      show: member.show,
      weight: member.wishedWeight,
      capacity: member.capacity,
      drain: member.drain,
      pings: member.pings,
      seen: member.seen,
    };
  }
}
