import assert from 'node:assert/strict';
import type { Element } from 'ltx';
import { aliasKey } from '../../src/app/alias-key.ts';
import type { QueueQuery, QueueRows } from '../../src/core/delivery-state.ts';
import type { Change } from '../../src/core/durable-state.ts';
import type { Inbound } from '../../src/core/envelope.ts';
import type { Outcome } from '../../src/core/outcome/outcome.ts';
import type { EventName, Notice, Out } from '../../src/core/ports.ts';
import { Router } from '../../src/core/router.ts';
import type { ServiceSettings } from '../../src/core/settings.ts';
import { isDeliveryChange, staleError } from '../../src/store/delivery-change.ts';
import { MemoryDeliveries } from '../../src/store/memory-deliveries.ts';
import { Decoder } from '../../src/xmpp/codec/decoder.ts';
import { Framer } from '../../src/xmpp/codec/framer.ts';
import { FramingError } from '../../src/xmpp/codec/framing-error.ts';
import { Writer } from '../../src/xmpp/codec/writer.ts';
import { LinkStanzaOut } from '../../src/xmpp/stanza-out.ts';
import { OutputChecker } from '../hostile/output-checker.ts';
import { coreHooks } from '../router/core-hooks.ts';
import { emptySnapshot } from '../router/house.ts';
import { domain } from './stanza-arbitrary.ts';

const stanzaLimit = 10_000;
const depthLimit = 8;
const header = `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' xmlns:stream='urn:s'>`;

/** What the link makes of the next stanza that is written. */
export type LinkMood = 'sent' | 'congested' | 'down';

/** Writes as the daemon does, and keeps what the daemon would store, count and log. */
class WireOut extends LinkStanzaOut implements Out {
  readonly outcomes: Outcome[] = [];
  readonly faults: Notice[] = [];
  /** How often each outcome and each event was counted. */
  readonly counts = new Map<string, number>();
  /** What durable pools have on disk. */
  readonly deliveries = new MemoryDeliveries();
  /** What the store was asked, in order. */
  readonly #asked: ((error: Error | undefined) => void)[] = [];

  commit(change: Change, done?: (error: Error | undefined) => void): void {
    this.#asked.push((error) => {
      const stale = error === undefined && isDeliveryChange(change) && !this.deliveries.apply(change);
      done?.(stale ? staleError('memory', change) : error);
    });
  }

  read(query: QueueQuery, done: (rows: QueueRows | undefined, error: Error | undefined) => void): void {
    this.#asked.push((error) => {
      if (error === undefined) done(this.deliveries.read(query), undefined);
      else done(undefined, error);
    });
  }

  outcome(outcome: Outcome): void {
    this.outcomes.push(outcome);
    this.#count('reason' in outcome ? `${outcome.kind} ${outcome.reason}` : outcome.kind);
  }

  took(): void {
    // Times are nothing to it.
  }

  event(name: EventName): void {
    this.#count(name);
  }

  notice(notice: Notice): void {
    if (notice.event === 'fault') this.faults.push(notice);
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }

  /** Commits of which nothing was reported. */
  get unsettled(): number {
    return this.#asked.length;
  }

  /** Reports the commits so far, as the store does on a later turn. */
  settle(error: Error | undefined): void {
    for (const step of this.#asked.splice(0)) step(error);
  }
}

/** Decoder, router and writer as the daemon wires them, with bytes at both ends, held against what must always be true. */
export class Wire {
  readonly out: WireOut;
  readonly router: Router;
  /** Everything that was written, parsed. */
  readonly written: Element[] = [];
  now = 1_800_000_000_000;
  #mood: LinkMood = 'sent';
  /** Everybody who ever wrote. */
  readonly known = new Set<string>();
  readonly #checker = new OutputChecker(domain, this.known, new Set());
  #decoder = this.#newDecoder();
  #inbound = 0;
  #ids = 0;

  constructor(settings: ServiceSettings) {
    const writer = new Writer({ domain, stanzaLimit });
    this.out = new WireOut({ write: (text) => this.#write(text), mayMove: () => true, move: () => undefined }, writer);
    const newId = (): string => `own-${++this.#ids}`;
    const newKey = (): string => aliasKey(Uint8Array.from({ length: 16 }, (_, at) => (++this.#ids * (at + 7)) & 255));
    this.router = new Router(settings, emptySnapshot, this.out, {
      newId,
      newKey,
      ...coreHooks,
    });
    // A pool writes to its PubSub services of its own accord.
    for (const { pubsub } of settings.pools) for (const { service } of pubsub) this.known.add(service);
    this.#checker.feed(header);
    this.router.linkUp(this.now);
  }

  /** Takes bytes from the server in chunks of `size`. Returns false when they ended the stream. */
  read(text: string, size: number): boolean {
    const bytes = Buffer.from(text);
    try {
      for (let at = 0; at < bytes.length; at += size) this.#decoder.push(bytes.subarray(at, at + size));
      return true;
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.reconnect();
      return false;
    }
  }

  /** The link is lost, and made anew. */
  reconnect(): void {
    this.#bounded(() => this.router.linkDown());
    this.#mood = 'sent';
    this.#decoder = this.#newDecoder();
    this.#bounded(() => this.router.linkUp(this.now));
  }

  /** Lets the link be as `mood` says until it is told otherwise. */
  turn(mood: LinkMood): void {
    if (mood === 'down') this.router.linkDown();
    else if (this.#mood === 'down') this.router.linkUp(this.now);
    this.#mood = mood;
  }

  settle(error?: Error): void {
    this.#bounded(() => this.out.settle(error), this.out.unsettled);
  }

  /** Moves time on by `step` milliseconds, `count` times. */
  pass(step: number, count: number): void {
    for (let n = 0; n < count; n += 1) {
      this.now += step;
      this.#bounded(() => this.router.tick(this.now));
    }
  }

  /** Every stanza had one end, none was lost to a fault. Cut-off bytes of the last chunk count for nothing. */
  assertAccounted(): void {
    assert.deepEqual(this.out.faults, []);
    assert.equal(this.out.outcomes.length, this.#inbound);
  }

  #newDecoder(): Decoder {
    return new Decoder(
      { domain, stanzaLimit, depthLimit },
      {
        inbound: (stanza) => this.#take(stanza),
        streamError: () => undefined,
        streamEnd: () => undefined,
      },
    );
  }

  #take(stanza: Inbound): void {
    this.#inbound += 1;
    if (stanza.from !== undefined) this.#know(stanza.from);
    this.#bounded(() => this.router.on(stanza, this.now));
    assert.deepEqual(this.out.faults, []);
  }

  #know(from: string): void {
    this.known.add(from);
    this.known.add(from.split('/', 1).join());
  }

  /** What one call writes is bounded by what is held: nothing makes the router talk without an end. */
  #bounded(call: () => void, also = 0): void {
    const before = this.written.length;
    const bound = 8 + 4 * (this.#size() + also);
    call();
    const count = this.written.length - before;
    assert.ok(count <= bound + 4 * this.#size(), `${count} stanzas were written at once`);
  }

  #size(): number {
    const { held, pools } = this.router;
    let size =
      held.requests + held.pubsub + held.introductions + held.pings + held.subscriptions + Math.ceil(held.memory / 400);
    for (const pool of pools.values()) size += pool.roster.size + pool.waiting.size;
    for (const queue of this.router.deliveries.queues.values()) size += queue.ready.size + queue.begun.size;
    return size;
  }

  #write(text: string): LinkMood {
    if (this.#mood !== 'sent') return this.#mood;
    assert.ok(Buffer.byteLength(text) <= stanzaLimit, 'over the size limit');
    const found = this.#checker.feed(text);
    assert.equal(found.length, 1, `not one stanza: ${text}`);
    this.written.push(...found.map(({ element }) => element));
    assert.equal(framesOf(text), 1, `the framer sees it otherwise: ${text}`);
    return 'sent';
  }
}

/** How many stanzas our own framer finds in what we wrote. */
function framesOf(text: string): number {
  let frames = 0;
  const framer = new Framer(
    { stanza: stanzaLimit, depth: 64 },
    { stanza: () => (frames += 1), refused: () => assert.fail(text), streamEnd: () => assert.fail(text) },
  );
  framer.push(Buffer.from(text));
  return frames;
}
