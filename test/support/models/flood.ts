import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { aliasKey } from '../../../src/app/alias-key.ts';
import type { Change } from '../../../src/core/durable-state.ts';
import type { Notice, Out } from '../../../src/core/ports.ts';
import { Router } from '../../../src/core/router.ts';
import type { ServiceSettings } from '../../../src/core/settings.ts';
import { Decoder } from '../../../src/xmpp/codec/decoder.ts';
import { Writer } from '../../../src/xmpp/codec/writer.ts';
import { LinkStanzaOut } from '../../../src/xmpp/stanza-out.ts';
import { coreHooks } from '../../router/core-hooks.ts';
import { emptySnapshot } from '../../router/house.ts';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

const stanzaLimit = 20_000;
const pinged = /<iq type='get' id='([^']*)' from='([^']*)' to='([^']*)'><ping /;

/** Writes as the daemon does, and keeps nothing but what it still has to report. */
class ForgetfulOut extends LinkStanzaOut implements Out {
  readonly outcomes = new Map<string, number>();
  readonly faults: Notice[] = [];
  #commits: ((error: Error | undefined) => void)[] = [];

  commit(_change: Change, done?: (error: Error | undefined) => void): void {
    if (done !== undefined) this.#commits.push(done);
  }

  read(): void {
    throw new Error('no pool here keeps deliveries');
  }

  outcome(outcome: { readonly kind: string; readonly reason?: string }): void {
    const name = outcome.reason === undefined ? outcome.kind : `${outcome.kind} ${outcome.reason}`;
    this.outcomes.set(name, (this.outcomes.get(name) ?? 0) + 1);
  }

  took(): void {
    // Times are nothing to it.
  }

  event(): void {
    // Counts are looked at elsewhere.
  }

  notice(notice: Notice): void {
    if (notice.event === 'fault') this.faults.push(notice);
  }

  settle(): void {
    const commits = this.#commits;
    this.#commits = [];
    for (const done of commits) done(undefined);
  }
}

/** Decoder, router and writer as the daemon wires them, for more stanzas than anything could keep. */
export class Flood {
  readonly router: Router;
  readonly out: ForgetfulOut;
  now = 1_800_000_000_000;
  #taken = 0;
  #ids = 0;
  /** Pings that were not answered. */
  #pings: string[] = [];
  readonly #decoder: Decoder;

  constructor(settings: ServiceSettings) {
    const { domain } = settings;
    this.out = new ForgetfulOut(
      { write: (text) => this.#write(text), mayMove: () => true, move: () => undefined },
      new Writer({ domain, stanzaLimit }),
    );
    const newId = (): string => `own-${++this.#ids}`;
    const newKey = (): string =>
      aliasKey(Uint8Array.from({ length: 16 }, (_, at) => (at < 6 ? (++this.#ids >> (at * 4)) & 255 : at)));
    this.router = new Router(settings, emptySnapshot, this.out, {
      newId,
      newKey,
      ...coreHooks,
    });
    this.#decoder = new Decoder(
      { domain, stanzaLimit, depthLimit: 16 },
      {
        inbound: (stanza) => {
          this.#taken += 1;
          this.router.on(stanza, this.now);
        },
        streamError: () => assert.fail('a stream error'),
        streamEnd: () => assert.fail('the end of the stream'),
      },
    );
    this.router.linkUp(this.now);
  }

  read(text: string): void {
    this.#decoder.push(Buffer.from(text));
  }

  /** Time goes by, the store has written, and every other ping is answered. */
  pass(milliseconds: number): void {
    for (let left = milliseconds; left > 0; left -= 100) {
      this.now += Math.min(100, left);
      this.router.tick(this.now);
    }
    this.out.settle();
    const pings = this.#pings;
    this.#pings = [];
    for (const [at, ping] of pings.entries()) {
      const [, id = '', from = '', to = ''] = pinged.exec(ping) ?? [];
      if (at % 2 === 0) this.read(`<iq type='result' id='${id}' from='${to}' to='${from}'/>`);
    }
  }

  /** Every stanza had one outcome, and none was lost to a fault. */
  assertAccounted(): void {
    assert.deepEqual(this.out.faults, []);
    const ended = [...this.out.outcomes.values()].reduce((sum, count) => sum + count, 0);
    assert.equal(ended, this.#taken);
  }

  #write(text: string): 'sent' {
    if (pinged.test(text)) this.#pings.push(text);
    return 'sent';
  }
}

/** Bytes of the heap and of buffers, once nothing is left to collect. */
export function heapBytes(): number {
  if (typeof collect === 'function') collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
