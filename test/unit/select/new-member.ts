import { Ledger } from '../../../src/core/pool/ledger.ts';
import { Member, type MemberStart } from '../../../src/core/pool/member.ts';
import type { Selector } from '../../../src/core/select/selector.ts';

/** A verified member named by its place in join order: `w1`, `w2`, ... */
export function newMember(sequence: number, start: Partial<MemberStart> = {}, ledger = new Ledger(10_000)): Member {
  return new Member(
    {
      pool: 'jobs',
      jid: `worker@example.org/w${sequence}`,
      label: `w${sequence}`,
      sequence,
      priority: 0,
      show: 'online',
      wishedWeight: undefined,
      capacity: undefined,
      configuredWeight: undefined,
      drain: false,
      state: 'verified',
      pings: undefined,
      seen: 0,
      ...start,
    },
    ledger,
  );
}

/** Adds a member to a selector, which hears of its work from then on. */
export function place(selector: Selector, member: Member): void {
  selector.add(member);
  member.observer = { workChanged: (changed, now) => selector.workChanged?.(changed, now) };
}
