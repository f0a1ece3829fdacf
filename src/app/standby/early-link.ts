import { Link, type LinkSink } from '../../xmpp/link/link.ts';
import type { LinkSettings } from '../../xmpp/link/link-settings.ts';

/** What may be held of what a link reads before its router runs, in bytes; more waits in the kernel and in the server. */
const heldMost = 32 * 1024 * 1024;

/**
 * A link that is made before there is a router for it. What happens on it is held, in order, and told to whoever
 * takes it over: then nothing is lost of what the server gives it from its first moment.
 */
export class EarlyLink {
  readonly link: Link;
  readonly #events: ((sink: LinkSink) => void)[] = [];
  #sink: LinkSink | undefined;
  #bytes = 0;

  /**
   * @param mayAttach As of the link, once it is taken over; until then it may.
   * @param settled Told once it is attached, or an attempt has failed.
   */
  constructor(settings: LinkSettings, mayAttach: () => boolean, settled: () => void) {
    const sink: LinkSink = {
      online: () => {
        this.#tell((to) => to.online());
        settled();
      },
      data: (chunk) => this.#data(chunk),
      offline: (problem, retryInMs) => {
        this.#tell((to) => to.offline(problem, retryInMs));
        settled();
      },
      health: (state, reason) => this.#tell((to) => to.health?.(state, reason)),
    };
    this.link = new Link(settings, sink, { mayAttach: () => this.#sink === undefined || mayAttach() });
  }

  /** Bytes that are held. */
  get held(): number {
    return this.#bytes;
  }

  start(): void {
    this.link.start();
  }

  /** Tells `sink` what has happened, and from now on what happens. */
  handTo(sink: LinkSink): void {
    this.#sink = sink;
    for (const event of this.#events.splice(0)) event(sink);
    this.#bytes = 0;
    this.link.read(true);
  }

  #data(chunk: Buffer): void {
    this.#tell((to) => to.data(chunk));
    if (this.#sink !== undefined) return;
    this.#bytes += chunk.length;
    if (this.#bytes >= heldMost) this.link.read(false);
  }

  #tell(event: (sink: LinkSink) => void): void {
    if (this.#sink === undefined) this.#events.push(event);
    else event(this.#sink);
  }
}
