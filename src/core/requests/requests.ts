import type { OwnAddress } from '../address/address.ts';
import { serverDomain } from '../address/jid.ts';
import type { AdHoc } from '../adhoc/adhoc.ts';
import { partyInfo } from '../discovery/disco.ts';
import { discoverParty, discoverPool, discoverService } from '../discovery/discovery.ts';
import type { IqRequestEnvelope } from '../envelope.ts';
import type { ErrorCode } from '../errors/errors.ts';
import { answered, dropped, type Outcome } from '../outcome/outcome.ts';
import { refuse } from '../outcome/refuse.ts';
import { licenceFor } from '../pool/conversation/licence.ts';
import type { Pool } from '../pool/pool.ts';
import type { Preferences } from '../pool/rules/preferences.ts';
import { algorithmNames, algorithmOf, urnOf } from '../select/table.ts';
import type { Service } from '../service.ts';
import { formatDestination } from '../transfer/destination.ts';
import type { TransferOrder } from '../transfer/order.ts';
import { lastActivity } from './activity.ts';
import type { Answer } from './answer.ts';
import { refuseMoved } from './moved.ts';
import { answersAtLabels, type Passing } from './passing.ts';

const cmrNamespace = 'urn:xmpp:cmr:0';
/** What a request that waits for the disk costs beside its text, in bytes: records, closures, its place in line. */
const waitingOverhead = 800;

/** Answers IQ requests: each exactly once, with a result or an error (RFC 6120 8.2.3). */
export class Requests {
  readonly #service: Service;
  readonly #preferences: Preferences;
  readonly #passing: Passing;
  readonly #adhoc: AdHoc;

  /** @param passing Decides on what the pool does not answer itself. */
  constructor(service: Service, preferences: Preferences, passing: Passing, adhoc: AdHoc) {
    this.#service = service;
    this.#passing = passing;
    this.#adhoc = adhoc;
    this.#preferences = preferences;
  }

  /** The outcome, or `undefined` when it is counted later: on the commit that the answer waits for. */
  on(request: IqRequestEnvelope, address: OwnAddress, now: number): Outcome | undefined {
    if (request.request.name === 'malformed') return this.#refuse(request, 'malformed-request');
    if (request.request.name === 'transfer') return this.#transfer(request, request.request.order);
    switch (address.kind) {
      case 'service':
        return this.#toService(request, now);
      case 'service-resource':
        return this.#refuse(request, 'unreachable');
      case 'pool':
        return this.#toPool(request, address.pool, now);
      case 'label':
      case 'proxy':
      case 'alias':
        return this.#toParty(request, address, now);
    }
  }

  #toService(request: IqRequestEnvelope, now: number): Outcome | undefined {
    const asked = request.request;
    switch (asked.name) {
      case 'disco-info':
      case 'disco-items':
        return this.#reply(request, discoverService(this.#service, asked, request.from));
      case 'last':
        return this.#reply(request, lastActivity(this.#service, undefined, request.from, now));
      case 'cmr-query':
        // Example 11 of XEP-0354: a domain has algorithms, but no state.
        return this.#answer(request, { name: 'cmr', active: undefined, available: algorithmNames().map(urnOf) });
      case 'cmr-set':
        return this.#refuse(request, 'cmr-service');
      case 'command':
        return this.#adhoc.on(request, asked, undefined, now);
      default:
        return this.#common(request, now);
    }
  }

  #toPool(request: IqRequestEnvelope, name: string, now: number): Outcome | undefined {
    const pool = this.#service.pools.get(name);
    if (pool === undefined || !this.#mayAsk(pool, request.from)) return this.#refuse(request, 'unreachable');
    const { moved } = pool.settings;
    if (moved !== undefined) return refuseMoved(this.#service, request, moved);
    const asked = request.request;
    switch (asked.name) {
      case 'disco-info':
      case 'disco-items':
        return this.#reply(request, discoverPool(this.#service, pool, asked, request.from));
      case 'last':
        return this.#reply(request, lastActivity(this.#service, pool, request.from, now));
      case 'cmr-query':
        return this.#answer(request, {
          name: 'cmr',
          active: urnOf(pool.algorithm),
          available: pool.settings.offer.map(urnOf),
        });
      case 'cmr-set':
        return this.#setAlgorithm(request, pool, asked.algorithm);
      case 'command':
        return this.#adhoc.on(request, asked, pool, now);
      case 'unknown':
        return this.#passing.toPool(pool, request, asked.namespace, now);
      default:
        return this.#common(request, now);
    }
  }

  #setAlgorithm(request: IqRequestEnvelope, pool: Pool, urn: string): Outcome | undefined {
    if (urn === '') return this.#refuse(request, 'cmr-malformed');
    if (!this.#maySet(pool, request.from)) return this.#refuse(request, 'cmr-forbidden');
    const algorithm = algorithmOf(urn);
    if (algorithm === undefined || !pool.settings.offer.includes(algorithm)) {
      return this.#refuse(request, 'cmr-not-offered');
    }
    const { out, memory } = this.#service;
    const cost = costOf(request);
    // A disk that does not answer must not make us keep all who wait for it.
    if (!memory.take(cost)) return this.#refuse(request, 'overloaded');
    this.#preferences.set(pool, algorithm, request.from, (error) => {
      memory.give(cost);
      const outcome =
        error === undefined ? this.#answer(request, { name: 'empty' }) : this.#refuse(request, 'store-failed');
      out.outcome(outcome, pool.settings.name);
    });
    return undefined;
  }

  /** A label, or the proxy of a sender: we answer for it; only a label may have requests passed on to it. */
  #toParty(
    request: IqRequestEnvelope,
    address: OwnAddress & { kind: 'label' | 'proxy' | 'alias' },
    now: number,
  ): Outcome {
    const pool = this.#service.pools.get(address.pool);
    if (pool === undefined || !this.#mayMeet(pool, address, request.from, now)) {
      return this.#refuse(request, 'unreachable');
    }
    const asked = request.request;
    if (asked.name === 'ping') return this.#answer(request, { name: 'empty' });
    if (asked.name === 'disco-items') return this.#reply(request, discoverParty(asked));
    const member = address.kind === 'label' ? pool.roster.byLabel(address.label) : undefined;
    if (asked.name === 'unknown' && member !== undefined) {
      return this.#passing.toLabel(pool, member, request, asked.namespace, now);
    }
    if (asked.name !== 'disco-info') return this.#refuse(request, 'unknown-request');
    const told = member !== undefined && pool.settings.features !== 'none';
    const offered = this.#service.offered.of(told ? member.capsVersion : undefined);
    const takes = member !== undefined && answersAtLabels(pool, { type: 'get' }) ? pool.requests.advertised : [];
    return asked.node === undefined
      ? this.#answer(request, {
          name: 'disco-info',
          ...partyInfo(pool, member?.label ?? 'Sender', [...offered, ...takes]),
        })
      : this.#refuse(request, 'unknown-node');
  }

  /** Workers meet senders by their proxies, senders meet workers by their labels; nobody else meets either. */
  #mayMeet(
    pool: Pool,
    address: OwnAddress & { kind: 'label' | 'proxy' | 'alias' },
    from: string,
    now: number,
  ): boolean {
    if (address.kind === 'label') {
      return pool.roster.byLabel(address.label) !== undefined && this.#mayAsk(pool, from);
    }
    return pool.mayAnswer(from, now) && licenceFor(this.#service, pool, address, now) !== undefined;
  }

  #common(request: IqRequestEnvelope, now: number): Outcome {
    const { version } = this.#service.settings;
    const asked = request.request;
    switch (asked.name) {
      case 'ping':
        return this.#answer(request, { name: 'empty' });
      case 'version':
        return this.#answer(request, { name: 'version', title: 'Switchyard', version });
      case 'time':
        return this.#answer(request, { name: 'time', now });
      case 'wrong-element':
        return this.#refuse(request, asked.namespace === cmrNamespace ? 'cmr-malformed' : 'wrong-element');
      default:
        return this.#refuse(request, 'unknown-request');
    }
  }

  /**
   * Who could move us would own all that passes through us: only our own server may, to where the
   * operator lets it (specs.md 2.2). Whoever else asks is refused, and the operator hears of it.
   */
  #transfer(request: IqRequestEnvelope, order: TransferOrder | undefined): Outcome {
    if (order === undefined) return this.#refuse(request, 'transfer-malformed');
    const { out, domain } = this.#service;
    const server = formatDestination(order.server);
    const own = serverDomain(domain);
    const trusted = request.from === own && request.to === domain && (order.domain ?? own) === own;
    if (trusted && out.mayMove(order.server)) {
      const outcome = this.#answer(request, { name: 'empty' });
      out.move(order.server);
      return outcome;
    }
    const text = `${request.from} wants the component to connect to ${server}: refused`;
    out.notice({
      level: 'warn',
      event: 'transfer-unwanted',
      pool: undefined,
      text,
      detail: { from: request.from, server },
    });
    return this.#refuse(request, 'transfer-refused');
  }

  #mayAsk(pool: Pool, jid: string): boolean {
    return pool.visibleTo(jid) || this.#service.admins.allows(jid);
  }

  #maySet(pool: Pool, jid: string): boolean {
    if (pool.settings.cmrSet === 'nobody') return false;
    if (this.#service.admins.allows(jid) || pool.owners.allows(jid)) return true;
    return pool.settings.cmrSet === 'workers' && pool.workers.allows(jid);
  }

  #reply(request: IqRequestEnvelope, reply: Answer | ErrorCode): Outcome {
    return typeof reply === 'string' ? this.#refuse(request, reply) : this.#answer(request, reply);
  }

  #answer(request: IqRequestEnvelope, answer: Answer): Outcome {
    const sent = this.#service.out.answer(request, answer);
    if (sent === 'sent') return answered;
    // Every request is answered (RFC 6120 8.2.3), if only to say that its answer is too long.
    return sent === 'too-large' ? this.#refuse(request, 'too-large') : dropped('link-down');
  }

  #refuse(request: IqRequestEnvelope, code: ErrorCode): Outcome {
    return refuse(this.#service.out, request, code);
  }
}

/** What a request that waits for the disk may keep in memory: all that was read with it. UTF-16 text may hold two bytes a unit. */
function costOf({ from, to, id, payload, lang, attributes }: IqRequestEnvelope): number {
  const texts = from.length + to.length + (id?.length ?? 0) + (lang?.length ?? 0) + (attributes?.length ?? 0);
  return waitingOverhead + 2 * (texts + payload.length);
}
