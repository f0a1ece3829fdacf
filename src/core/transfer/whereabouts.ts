import { domainOf } from '../address/jid.ts';
import type { Member } from '../pool/member.ts';
import { PatternMap } from '../pool/rules/pattern-map.ts';
import { type Destination, parseDestination, sameServer } from './destination.ts';
import type { ServerRule } from './settings.ts';

/**
 * How it is known which server a member is on: it said so when it joined; we moved it there since;
 * the configuration says so; or nothing is known but its domain.
 */
export type WhereaboutsSource = 'worker' | 'transfer' | 'configuration' | 'domain';

export interface Whereabouts {
  readonly server: Destination;
  readonly source: WhereaboutsSource;
}

/**
 * Which server members are connected to. XMPP tells a component no such thing: this is what is
 * said and configured, and the domain of the JID where nothing is.
 */
export class ServerBook {
  readonly #configured: PatternMap<Destination>;

  constructor(rules: readonly ServerRule[]) {
    this.#configured = new PatternMap(
      rules.flatMap(({ members, server }) => members.map((pattern) => [pattern, server] as const)),
    );
  }

  /** @param members The same session in all its pools; at least one. */
  of(jid: string, members: readonly Member[]): Whereabouts | undefined {
    const said = members.find(({ server }) => server !== undefined)?.server;
    if (said !== undefined) return { server: said, source: 'worker' };
    const moved = members.find(({ movedTo }) => movedTo !== undefined)?.movedTo;
    if (moved !== undefined) return { server: moved, source: 'transfer' };
    const configured = this.#configured.get(jid);
    if (configured !== undefined) return { server: configured, source: 'configuration' };
    const domain = parseDestination(domainOf(jid));
    return domain === undefined ? undefined : { server: domain, source: 'domain' };
  }

  /** Whether a member is on `server`, or its account is of that domain. */
  isOn(jid: string, members: readonly Member[], server: Destination): boolean {
    const known = this.of(jid, members);
    return known !== undefined && sameServer(known.server, server);
  }
}
