import type { Out } from '../../ports.ts';
import type { Pool } from '../pool.ts';

/** Tells those who may not work in a pool any more: at once, or as soon as there is a link. */
export class Dismissals {
  readonly #out: Out;
  readonly #untold: { readonly pool: Pool; readonly jid: string; readonly status: string }[] = [];

  constructor(out: Out) {
    this.#out = out;
  }

  /** @param status Why, in words. */
  tell(pool: Pool, jid: string, status: string): void {
    if (!this.#write(pool, jid, status)) this.tellLater(pool, jid, status);
  }

  /** For the time before the first link. */
  tellLater(pool: Pool, jid: string, status: string): void {
    this.#untold.push({ pool, jid, status });
  }

  linkUp(): void {
    for (const { pool, jid, status } of this.#untold.splice(0)) this.#write(pool, jid, status);
  }

  #write(pool: Pool, to: string, status: string): boolean {
    const presence = { from: pool.jid, to, id: undefined, type: 'unavailable', status, error: undefined } as const;
    return this.#out.presence(presence) === 'sent';
  }
}
