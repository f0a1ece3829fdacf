import { type Address, parseAddress } from '../address/address.ts';
import { type Peer, peerOf } from '../address/peer.ts';
import type { Count } from '../durable/acceptance.ts';
import type { Inbound, IqRequestEnvelope, IqResponseEnvelope, MessageEnvelope, PresenceEnvelope } from '../envelope.ts';
import { Memo } from '../memory/memo.ts';
import { faultNotice } from '../outcome/fault-notice.ts';
import { dropped, type Outcome } from '../outcome/outcome.ts';
import { refuse, refuseMessage } from '../outcome/refuse.ts';
import { countWaited } from '../outcome/waited.ts';
import type { PoolCounts } from '../pool/counts.ts';
import type { Requests } from '../requests/requests.ts';
import type { Service } from '../service.ts';
import type { Messages } from './messages.ts';
import type { Presences } from './presence.ts';
import { refuseUnread } from './unread.ts';

/** Addresses of each kind whose reading is remembered. */
const remembered = 4_096;

/** Who decides what becomes of each kind of stanza. */
interface Handlers {
  readonly messages: Messages;
  readonly presences: Presences;
  readonly requests: Requests;
  /** Takes an answer to a request of ours, or to one that a worker was given; `undefined` for any other. */
  readonly responses: { answer(response: IqResponseEnvelope, now: number): Outcome | undefined };
}

/** The door: looks at who writes and to what address, hands each stanza on by its kind, and counts its end. */
export class Intake {
  readonly #service: Service;
  readonly #handlers: Handlers;
  readonly #addresses: Memo<Address | 'nowhere'>;
  readonly #peers: Memo<Peer>;
  /** Counts a message once it is stored. */
  readonly #count: Count;
  /** The same, of one that has waited before. */
  readonly #countWaited: Count;
  /** The pool that the stanza at hand was sent to. */
  #named: string | undefined;
  /** Of the pool that somebody wants something done by, with the stanza at hand. */
  #counts: PoolCounts | undefined;

  constructor(service: Service, handlers: Handlers) {
    const { domain, out } = service;
    this.#service = service;
    this.#handlers = handlers;
    this.#count = (outcome, pool) => {
      out.outcome(outcome, pool);
      service.pools.get(pool)?.counts.came(outcome);
    };
    this.#countWaited = (outcome, pool) => countWaited(service, pool, outcome);
    this.#addresses = new Memo(remembered, (to) => parseAddress(to, domain) ?? 'nowhere');
    this.#peers = new Memo(remembered, (from) => peerOf(from, domain));
  }

  /** Takes one inbound stanza to its end. Its outcome is counted once, here or on a commit. */
  on(stanza: Inbound, now: number): void {
    this.#named = undefined;
    this.#counts = undefined;
    let outcome: Outcome | undefined;
    try {
      outcome = this.#handle(stanza, now);
    } catch (error) {
      outcome = this.#survive(stanza, error);
    }
    if (outcome !== undefined) this.#end(stanza, outcome);
  }

  /** Goes on with a message whose sender has an alias now. */
  resume(message: MessageEnvelope, now: number): Outcome | undefined {
    try {
      const address = parseAddress(message.to, this.#service.domain);
      return address === undefined || address.kind === 'foreign'
        ? this.#nowhere(message, now)
        : this.#handlers.messages.resume(message, address, now, this.#countWaited);
    } catch (error) {
      return this.#survive(message, error);
    }
  }

  #handle(stanza: Inbound, now: number): Outcome | undefined {
    if (stanza.kind === 'refused') return refuseUnread(this.#service, stanza);
    const peer = this.#peers.of(stanza.from);
    if (peer === 'invalid') return dropped('invalid-from');
    const { messages, presences, requests, responses } = this.#handlers;
    if (stanza.kind === 'iq-response') return responses.answer(stanza, now) ?? dropped('response-unmatched');
    // What our own addresses send comes from us by way of the server: a loop.
    if (peer === 'own') return dropped('own-address');
    const address = this.#addresses.of(stanza.to);
    if (address === 'nowhere') return this.#nowhere(stanza, now);
    if (address.kind === 'foreign') return dropped('foreign-address');
    const pool = 'pool' in address ? this.#service.pools.get(address.pool) : undefined;
    this.#named = pool?.settings.name;
    if (stanza.kind === 'message' && isWork(stanza, address)) this.#counts = pool?.counts;
    switch (stanza.kind) {
      case 'message':
        return messages.on(stanza, address, now, this.#count);
      case 'presence':
        return presences.on(stanza, address, now);
      case 'iq-request':
        return requests.on(stanza, address, now);
    }
  }

  #end(stanza: Inbound, outcome: Outcome): void {
    this.#service.out.outcome(outcome, this.#named ?? this.#poolName(stanza.to));
    this.#counts?.came(outcome);
  }

  /** To something of our domain that can be no address. */
  #nowhere(stanza: MessageEnvelope | PresenceEnvelope | IqRequestEnvelope, now: number): Outcome {
    if (stanza.kind === 'presence') return this.#handlers.presences.onOddResource(stanza, now);
    if (stanza.kind === 'iq-request') return refuse(this.#service.out, stanza, 'invalid-address');
    if (stanza.type === 'error') return dropped('error-unmatched');
    return refuseMessage(this.#service.out, stanza, 'invalid-address');
  }

  /** The end of a stanza that met a fault of ours; no other is touched by it. */
  #survive(stanza: Inbound, error: unknown): Outcome {
    const { out } = this.#service;
    out.notice(faultNotice(stanza, this.#poolName(stanza.to), error));
    if (stanza.kind === 'iq-request') return refuse(out, stanza, 'internal');
    const answerable =
      stanza.kind === 'message' &&
      stanza.type !== 'error' &&
      stanza.type !== 'headline' &&
      this.#service.pools.get(this.#poolName(stanza.to) ?? '')?.hearsFrom(stanza.from) !== true;
    return answerable ? refuse(out, stanza, 'internal') : dropped('fault');
  }

  #poolName(to: string | undefined): string | undefined {
    const at = to === undefined ? -1 : to.indexOf('@');
    if (to === undefined || at < 0) return undefined;
    const name = to.slice(0, at);
    return this.#service.pools.has(name) ? name : undefined;
  }
}

/** Whether a message is for the workers of a pool; others are what they answer, and what is said about that. */
function isWork({ type, signal }: MessageEnvelope, { kind }: Address): boolean {
  return type !== 'error' && !signal && (kind === 'pool' || kind === 'label');
}
