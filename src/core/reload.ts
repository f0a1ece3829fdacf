import { standInFor } from './pool/conversation/stand-in.ts';
import type { Dispatcher } from './pool/dispatch/dispatch.ts';
import type { Membership } from './pool/membership/membership.ts';
import type { Pool } from './pool/pool.ts';
import type { Preferences } from './pool/rules/preferences.ts';
import { replaceSettings, type Service } from './service.ts';
import type { ServiceSettings } from './settings.ts';

/** Changes what the operator decided while the service runs (design.md, section 4). */
export class Reload {
  readonly #service: Service;
  readonly #membership: Membership;
  readonly #dispatcher: Dispatcher;
  readonly #preferences: Preferences;
  readonly #admits: (pool: Pool, jid: string) => boolean;
  /** Pools that closed while there was no link, and who waits there to be told. */
  #untold: Pool[] = [];

  /** @param admits Whether a worker joined in a way that the pool takes. */
  constructor(
    service: Service,
    membership: Membership,
    dispatcher: Dispatcher,
    preferences: Preferences,
    admits: (pool: Pool, jid: string) => boolean,
  ) {
    this.#service = service;
    this.#membership = membership;
    this.#dispatcher = dispatcher;
    this.#preferences = preferences;
    this.#admits = admits;
  }

  /** There is a link: who waited in a pool that closed without one is told now. */
  linkUp(): void {
    for (const pool of this.#untold.splice(0)) this.#dispatcher.turnAway(pool, 'unreachable');
  }

  /** The service ends. Returns how many who waited in a closed pool could not be told. */
  end(): number {
    const lost = this.#untold.splice(0).map((pool) => this.#dispatcher.turnAway(pool, 'unreachable'));
    return lost.reduce((sum, each) => sum + each, 0);
  }

  /**
   * Goes over to `settings`, in one turn: no message meets half of them.
   *
   * @param attached Whether there is a link.
   */
  to(settings: ServiceSettings, now: number, attached: boolean): void {
    // What a pool that closes has still to write down comes before its end.
    this.#dispatcher.flush();
    this.#membership.watch.setGrace(settings.memberGrace);
    const before = this.#service.pools;
    const closed = replaceSettings(this.#service, settings);
    for (const pool of closed) this.#close(pool, now, attached);
    for (const changed of settings.pools) {
      const pool = before.get(changed.name);
      if (pool !== undefined) this.#change(pool, changed, now);
    }
    for (const pool of this.#service.pools.values()) this.#membership.watch.far.place(pool, now);
  }

  #change(pool: Pool, settings: ServiceSettings['pools'][number], now: number): void {
    const { algorithm, identity, proxy, name } = pool.settings;
    pool.reconfigure(settings, now);
    if (identity !== settings.identity || proxy !== settings.proxy) {
      const { conversations } = this.#service;
      conversations.readdress(name, (sender) => standInFor(this.#service, pool, sender)?.address);
    }
    this.#preferences.follow(pool, algorithm);
    this.#membership.review(pool, this.#admits, now);
  }

  /** The address is nothing to anybody from now on, and who worked or waited there is told. */
  #close(pool: Pool, now: number, attached: boolean): void {
    const { out, conversations } = this.#service;
    const { name } = pool.settings;
    const detail = { members: pool.roster.size, waiting: pool.waiting.size };
    if (attached) this.#dispatcher.turnAway(pool, 'unreachable');
    else if (pool.waiting.size > 0) this.#untold.push(pool);
    this.#membership.dissolve(pool);
    pool.holders.clear();
    this.#preferences.forget(pool);
    conversations.forgetPool(name);
    pool.boundLabels.close();
    pool.orders.clear();
    out.commit({ op: 'expire-conversations', pool: name, before: now + 1 });
    out.notice({ level: 'info', event: 'pool-closed', pool: name, text: `pool ${name} is closed`, detail });
  }
}
