import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { Service } from '../service.ts';

/** A worker in one of its pools. */
interface Place {
  readonly pool: Pool;
  readonly member: Member;
}

/** One session in all pools that it works in. */
export class Places {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  of(jid: string): Place[] {
    const places: Place[] = [];
    for (const pool of this.#service.pools.values()) {
      const member = pool.roster.get(jid);
      if (member !== undefined) places.push({ pool, member });
    }
    return places;
  }

  /** Messages that it has not answered yet. */
  unfinished(jid: string, now: number): number {
    return this.of(jid).reduce((sum, { member }) => sum + member.inFlight(now), 0);
  }

  /** Takes it out of the choice in every pool, or puts it back; returns the pools where that changed something. */
  hold(jid: string, how: Member['transfer']): Pool[] {
    const changed = this.of(jid).filter(({ member }) => member.transfer !== how);
    for (const { pool, member } of changed) pool.setTransfer(member, how);
    return changed.map(({ pool }) => pool);
  }
}
