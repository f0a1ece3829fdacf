import { randomBytes } from 'node:crypto';
import { StringDecoder } from 'node:string_decoder';
import { type Clock, systemClock } from './clock.ts';
import { ComponentStream } from './component-stream.ts';
import { internalProblem } from './connection-problem.ts';
import type { LinkProblem } from './link-problem.ts';
import type { LinkSettings } from './link-settings.ts';
import { ownPing } from './own-ping.ts';
import { type OwnSide, streamErrorProblem } from './stream-error-problem.ts';

/**
 * `pings`: how many pings from our domain to our domain were sent, and how many came back
 * within `pingTimeout`. Fewer back than sent: another connection holds the domain too, or
 * the server does not route a domain to itself.
 */
export type ProbeResult =
  | {
      readonly ok: true;
      readonly pings: { readonly sent: number; readonly back: number };
      /** What became of a stanza as large as we may send; `undefined` when none was sent. */
      readonly large?: LargeStanza;
    }
  | { readonly ok: false; readonly problem: LinkProblem };

/** It came back, nothing was heard of it, or the server closed the link for it. */
export type LargeStanza = 'back' | 'lost' | 'closed';

const pingCount = 20;
const closeTimeout = 1_000;

/**
 * Attaches once, checks that the server takes our stanzas and routes our domain to us, and
 * detaches. Never rejects. Where a server gives one domain to several connections
 * (ejabberd), a router that is attached loses its share of stanzas while the probe runs.
 *
 * @param stanza Bytes of a stanza to try last, when all else is well: servers close the link for one that is too large.
 */
export async function probe(settings: LinkSettings, clock: Clock = systemClock, stanza?: number): Promise<ProbeResult> {
  return new Promise((resolve) => {
    try {
      new Probe(settings, clock, stanza, resolve).start();
    } catch (error) {
      resolve({ ok: false, problem: internalProblem(error) });
    }
  });
}

class Probe {
  readonly #settings: LinkSettings;
  readonly #clock: Clock;
  readonly #large: number | undefined;
  readonly #resolve: (result: ProbeResult) => void;
  readonly #decoder = new StringDecoder('utf8');
  readonly #prefix = randomBytes(9).toString('hex');
  readonly #back = new Set<string>();
  #stream: ComponentStream | undefined;
  #text = '';
  #cancel: (() => void) | undefined;
  #done = false;
  #tryingLarge = false;

  constructor(settings: LinkSettings, clock: Clock, large: number | undefined, resolve: (result: ProbeResult) => void) {
    this.#large = large;
    this.#settings = settings;
    this.#clock = clock;
    this.#resolve = resolve;
  }

  start(): void {
    this.#stream = new ComponentStream({ ...this.#settings, certificateFor: undefined }, this.#clock, {
      online: () => this.#online(),
      data: (chunk) => this.#read(chunk),
      closed: (problem) => this.#failed(problem),
    });
  }

  #online(): void {
    let pings = '';
    for (let i = 0; i < pingCount; i++) pings += ownPing(this.#settings.domain, `${this.#prefix}-${i}.`);
    this.#stream?.write(pings);
    this.#cancel = this.#clock.after(this.#settings.pingTimeout, () => this.#verdict());
  }

  /** Ids that nobody can guess are looked for in the text: to find them needs no parser. */
  #read(chunk: Buffer): void {
    this.#text = this.#text.slice(-2_000) + this.#decoder.write(chunk);
    for (const [id] of this.#text.matchAll(new RegExp(`${this.#prefix}-\\d+\\.`, 'g'))) this.#back.add(id);
    const error = /<stream:error\b[^>]*>(.*)<\/stream:error>/s.exec(this.#text)?.[1];
    if (error !== undefined) this.#failed(problemIn(error, this.#settings));
    else if (this.#tryingLarge) this.#lookForLarge();
    else if (this.#back.size === pingCount) this.#tryLarge();
  }

  #tryLarge(): void {
    if (this.#large === undefined) {
      this.#verdict();
      return;
    }
    this.#tryingLarge = true;
    const { domain, pingTimeout } = this.#settings;
    const head = `<message from='${domain}' to='${domain}' type='headline' id='${this.#largeId}'><body>`;
    const tail = '</body></message>';
    this.#stream?.write(`${head}${'x'.repeat(Math.max(0, this.#large - head.length - tail.length))}${tail}`);
    this.#cancel?.();
    this.#cancel = this.#clock.after(pingTimeout, () => this.#verdict('lost'));
  }

  #lookForLarge(): void {
    if (this.#text.includes(this.#largeId)) this.#verdict('back');
  }

  get #largeId(): string {
    return `${this.#prefix}-large.`;
  }

  #failed(problem: LinkProblem): void {
    if (this.#tryingLarge) this.#verdict('closed');
    else this.#end({ ok: false, problem });
  }

  #verdict(large?: LargeStanza): void {
    const pings = { sent: pingCount, back: this.#back.size };
    this.#end(large === undefined ? { ok: true, pings } : { ok: true, pings, large });
  }

  #end(result: ProbeResult): void {
    if (this.#done) return;
    this.#done = true;
    this.#cancel?.();
    void this.#stream?.finish(closeTimeout, this.#clock).then(() => this.#resolve(result));
  }
}

function problemIn(error: string, own: OwnSide): LinkProblem {
  const text = /<text\b[^>]*>([^<]*)<\/text>/.exec(error)?.[1] ?? '';
  const [, condition = 'undefined-condition', host] = /<(?!text\b)([a-z-]+)\b[^>]*>([^<]*)/.exec(error) ?? [];
  return streamErrorProblem(condition, condition === 'see-other-host' ? (host ?? '') : text, own);
}
