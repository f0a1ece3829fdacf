import type { IqResponseEnvelope, ReceivedSubscription } from '../envelope.ts';
import type { Pool } from '../pool/pool.ts';
import type { PubSubRequest } from '../ports.ts';
import type { Service } from '../service.ts';
import { isCurrent, meansUnreachable, ownOf, refusalOf } from './answers.ts';
import { Farewells } from './farewells.ts';
import { type NodeFailure, NodeSubscription } from './node-subscription.ts';

/** How long a service may take to answer, in milliseconds. */
const patience = 20_000;
/** Most questions in one tick: 200 a second. */
const perTick = 20;
/** Most pages of one list of subscriptions that are read. */
const pagesMost = 50;
/** The least time between two questions that events bring about, in milliseconds. */
const askAgain = 5_000;

interface Question {
  readonly subscription: NodeSubscription;
  readonly request: PubSubRequest;
  /** Pages of the list that were read before. */
  readonly pages: number;
  readonly deadline: number;
}

/**
 * Keeps the pools subscribed to the nodes that the configuration names (XEP-0060). After each
 * (re)connect, and every five minutes, a pool asks for its subscriptions and does what is missing:
 * subscribes, sets options, ends what it has twice. One question a subscription is open at a time.
 */
export class PubSub {
  readonly #service: Service;
  readonly #newId: () => string;
  readonly #settled: (subscription: NodeSubscription, now: number) => void;
  readonly #farewells: Farewells;
  readonly #open = new Map<string, Question>();
  /** Pools that have, or had, nodes. */
  readonly #pools = new Set<Pool>();
  #attached = false;

  /**
   * @param newId Makes ids for requests; nobody may be able to guess one.
   * @param settled Told when it is known whether a subscription exists, for the events that wait for it.
   */
  constructor(service: Service, newId: () => string, settled: (subscription: NodeSubscription, now: number) => void) {
    this.#service = service;
    this.#newId = newId;
    this.#settled = settled;
    this.#farewells = new Farewells(service.out, newId);
    this.review(0);
  }

  /** Questions that nobody answered yet, and subscriptions that are being ended. */
  get pending(): number {
    return this.#open.size + this.#farewells.size;
  }

  /** Whether messages of `from` to `pool` may be events: it subscribes there, or just did. */
  concerns(pool: Pool, from: string): boolean {
    if (pool.nodes.length > 0 && pool.hearsFrom(from)) return true;
    return this.#farewells.size > 0 && this.#farewells.covers(pool.settings.name, from);
  }

  /** Goes over to the nodes that the settings of the pools name now. */
  review(now: number): void {
    const { pools } = this.#service;
    for (const pool of this.#pools) if (pools.get(pool.settings.name) !== pool) this.#dissolve(pool, now);
    for (const pool of pools.values()) {
      if (pool.settings.pubsub.length > 0 || pool.nodes.length > 0) this.#configure(pool, now);
    }
    if (this.#attached) this.tick(now);
  }

  #configure(pool: Pool, now: number): void {
    this.#pools.add(pool);
    const before = new Map(pool.nodes.map((known) => [keyOf(known), known]));
    const { name, pubsub } = pool.settings;
    pool.nodes = pubsub.map((settings) => {
      const known = before.get(keyOf(settings));
      before.delete(keyOf(settings));
      if (known === undefined) this.#farewells.cancel(name, settings.service, settings.node);
      else if (JSON.stringify(known.settings.options) !== JSON.stringify(settings.options))
        this.#reconsider(known, now);
      if (known !== undefined) known.settings = settings;
      return known ?? new NodeSubscription(name, pool.jid, settings, this.#service.memory);
    });
    for (const unwanted of before.values()) this.#leave(unwanted, now);
  }

  linkUp(now: number): void {
    this.#attached = true;
    this.#farewells.linkUp(now);
    for (const pool of this.#pools) for (const subscription of pool.nodes) subscription.doubt(now);
    this.tick(now);
  }

  /** Forgets every open question: the link is gone, and with it the answers. */
  linkDown(): void {
    this.#attached = false;
    this.#open.clear();
    this.#farewells.linkDown();
    for (const pool of this.#pools) for (const one of pool.nodes) one.asking = undefined;
  }

  /** Asks what is due, and gives up on questions that nobody answered. */
  tick(now: number): void {
    if (!this.#attached) return;
    for (const [id, { subscription, deadline }] of this.#open) {
      if (deadline > now) break;
      this.#close(id, subscription);
      this.#fail(subscription, 'unreachable', 'no answer', now);
    }
    let left = this.#farewells.tick(perTick, now);
    for (const pool of this.#pools) {
      for (const subscription of pool.nodes) {
        if (left === 0) return;
        if (subscription.asking !== undefined || subscription.dueAt > now) continue;
        left -= 1;
        this.#ask(subscription, { name: 'subscriptions', node: subscription.node, after: undefined }, now);
      }
    }
  }

  /** Takes in the answer to a request of ours, or returns false. Matched by peer and id. */
  answer(response: IqResponseEnvelope, now: number): boolean {
    const question = response.id === undefined ? undefined : this.#open.get(response.id);
    if (question === undefined || response.id === undefined) return this.#farewells.answer(response, now);
    const { subscription, request } = question;
    if (response.from !== subscription.service || response.to !== subscription.jid) return false;
    this.#close(response.id, subscription);
    if (response.error !== undefined && meansUnreachable(response.error)) {
      this.#fail(subscription, 'unreachable', response.error.condition, now);
    } else if (request.name === 'subscriptions') {
      this.#listed(question, response, now);
    } else if (request.name === 'subscribe') {
      this.#subscribed(question, response, now);
    } else {
      this.#configured(question, response, now);
    }
    return true;
  }

  /** An event came by a subscription that is not confirmed, or by another one: the service is asked, though not for each. */
  ask(subscription: NodeSubscription, now: number): void {
    if (this.#attached && now - subscription.askedAt >= askAgain) subscription.dueAt = now;
    this.tick(now);
  }

  /** The service says of itself how a subscription stands (XEP-0060 8.6, 8.8.4). */
  hear(subscription: NodeSubscription, received: ReceivedSubscription, now: number): void {
    const other = received.subid !== undefined && subscription.subid !== undefined;
    if (other && received.subid !== subscription.subid) return;
    this.#adopt(subscription, received, now);
  }

  /** The node of a subscription is gone (XEP-0060 8.4); it may come back. */
  lose(subscription: NodeSubscription, now: number): void {
    this.#fail(subscription, 'refused', 'the node was deleted', now);
  }

  /** Ends all subscriptions of a pool that is no more. */
  #dissolve(pool: Pool, now: number): void {
    this.#pools.delete(pool);
    for (const subscription of pool.nodes) this.#leave(subscription, now);
    pool.nodes = [];
  }

  #reconsider(subscription: NodeSubscription, now: number): void {
    subscription.optionsSet = false;
    if (subscription.asking === undefined) subscription.doubt(now);
  }

  #leave(subscription: NodeSubscription, now: number): void {
    const { pool, jid, service, node, subid } = subscription;
    for (const [id, question] of this.#open) if (question.subscription === subscription) this.#close(id, subscription);
    if (subscription.state !== 'refused') this.#farewells.add({ pool, jid, service, node, subid }, now);
    subscription.fail('refused', 'not configured any more', now);
    this.#settled(subscription, now);
  }

  #ask(subscription: NodeSubscription, request: PubSubRequest, now: number, pages = 0): void {
    const id = this.#newId();
    const sent = this.#service.out.askPubSub(subscription.jid, subscription.service, id, request);
    subscription.askedAt = now;
    if (sent !== 'sent') {
      this.#fail(subscription, 'unreachable', `could not be asked: ${sent}`, now);
      return;
    }
    subscription.asking = request.name;
    this.#open.set(id, { subscription, request, pages, deadline: now + patience });
  }

  #close(id: string, subscription: NodeSubscription): void {
    this.#open.delete(id);
    subscription.asking = undefined;
  }

  /**
   * The list says what there is; but where subscriptions have no ids, it may hold what is no more:
   * Prosody 0.12 goes on listing those to a node that was deleted and made anew. There the pool
   * subscribes again after each (re)connect, which changes nothing for one that stands (XEP-0060
   * 6.1.6). So it does where there are no lists.
   */
  #listed({ subscription, pages }: Question, { subscriptions, error }: IqResponseEnvelope, now: number): void {
    const { jid, node, pool, service } = subscription;
    const { kept, surplus } = ownOf(subscriptions?.list ?? [], subscription);
    // What there is twice would send each event twice.
    for (const { subid } of surplus) this.#farewells.add({ pool, jid, service, node, subid }, now);
    if (kept !== undefined && (kept.subid !== undefined || subscription.sure)) {
      this.#adopt(subscription, kept, now);
    } else if (kept === undefined && error === undefined && subscriptions?.more !== undefined && pages < pagesMost) {
      this.#ask(subscription, { name: 'subscriptions', node, after: subscriptions.more }, now, pages + 1);
    } else {
      this.#subscribe(subscription, now);
    }
  }

  #subscribe(subscription: NodeSubscription, now: number): void {
    const { node, settings } = subscription;
    this.#ask(subscription, { name: 'subscribe', node, options: settings.options }, now);
  }

  #subscribed({ subscription, request }: Question, { subscriptions, error }: IqResponseEnvelope, now: number): void {
    if (error !== undefined) {
      const { state, why } = refusalOf(error);
      this.#fail(subscription, state, why, now);
      return;
    }
    // A result without a word means what was asked (XEP-0060 6.1.2 would have the service say it).
    const silent = { node: undefined, jid: undefined, subid: undefined, state: 'subscribed' as const };
    const received = subscriptions?.list.find(({ jid }) => (jid ?? subscription.jid) === subscription.jid) ?? silent;
    subscription.subid = received.subid;
    subscription.optionsSet = isCurrent(request, subscription);
    subscription.sure = true;
    this.#adopt(subscription, received, now);
  }

  #configured({ subscription, request }: Question, { error }: IqResponseEnvelope, now: number): void {
    // Not asked again before the next (re)connect or reload: the answer would be the same.
    subscription.optionsSet = isCurrent(request, subscription);
    if (error !== undefined) {
      const { why } = refusalOf(error);
      const text = `the options of the subscription to ${subscription.node} at ${subscription.service} were refused: ${why}`;
      this.#note(subscription, 'warn', 'pubsub-options-refused', text);
    } else if (subscription.state === 'unconfigured' || !subscription.optionsSet) {
      subscription.dueAt = now;
    }
  }

  /** Takes over what the service says, and sets the options that it does not have yet. */
  #adopt(subscription: NodeSubscription, received: ReceivedSubscription, now: number): void {
    this.#change(subscription, () => subscription.adopt(received, now), now);
    const { asking, owesOptions, confirmed, node, subid, settings } = subscription;
    if (asking !== undefined || !owesOptions || !confirmed) return;
    this.#ask(subscription, { name: 'options', node, subid, options: settings.options }, now);
  }

  #fail(subscription: NodeSubscription, state: NodeFailure, reason: string, now: number): void {
    this.#change(subscription, () => subscription.fail(state, reason, now), now);
  }

  /** Tells the operator what is new; what waits for it goes on. */
  #change(subscription: NodeSubscription, change: () => void, now: number): void {
    const before = `${subscription.state} ${subscription.reason}`;
    change();
    const { state, reason, service, node } = subscription;
    if (before !== `${state} ${reason}`) {
      const why = reason === '' ? '' : `: ${reason}`;
      const text = `subscription to ${node} at ${service}: ${state}${why}`;
      this.#note(subscription, state === 'subscribed' ? 'info' : 'warn', 'pubsub-subscription', text);
    }
    this.#settled(subscription, now);
  }

  #note(subscription: NodeSubscription, level: 'info' | 'warn', event: string, text: string): void {
    const { pool, service, node, state, reason } = subscription;
    this.#service.out.notice({ level, event, pool, text, detail: { service, node, state, reason } });
  }
}

function keyOf({ service, node }: { readonly service: string; readonly node: string }): string {
  return `${service} ${node}`;
}
