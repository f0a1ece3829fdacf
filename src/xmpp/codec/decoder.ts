import { parse } from 'ltx';
import type { Inbound } from '../../core/envelope.ts';
import { AddressCache } from './address-cache.ts';
import type { Frame } from './frame.ts';
import { Framer } from './framer.ts';
import { refusedStanza } from './refused.ts';
import { Scanner } from './scanner.ts';
import { Tree } from './tree.ts';

/** What a decoder makes of a stream, in the order of the stream. */
export interface DecoderSink {
  /** @param text The stanza as it came; `undefined` for one that is refused. */
  inbound(stanza: Inbound, text: string | undefined): void;
  /** `<stream:error/>` (RFC 6120 section 4.9); the server closes the stream after it. */
  streamError(condition: string, text: string | undefined): void;
  /** `</stream:stream>`; what comes after it is ignored. */
  streamEnd(): void;
}

export interface DecoderOptions {
  /** The component's domain, prepared. */
  readonly domain: string;
  /** Bytes of one stanza; one that is longer is refused. */
  readonly stanzaLimit: number;
  /** Levels of elements, the stanza itself counted. */
  readonly depthLimit: number;
}

/** How many addresses are remembered so that their strings are shared. */
const addressCapacity = 8192;

/** From the bytes of one stream, after the handshake, to values for the core. A new stream needs a new one. */
export class Decoder {
  readonly #sink: DecoderSink;
  readonly #framer: Framer;
  readonly #scanner: Scanner;
  readonly #tree: Tree;
  #thrown: { readonly error: unknown } | undefined;

  constructor(options: DecoderOptions, sink: DecoderSink) {
    const { domain, stanzaLimit, depthLimit } = options;
    const addresses = new AddressCache(addressCapacity);
    this.#sink = sink;
    this.#scanner = new Scanner(domain, addresses);
    this.#tree = new Tree(domain, addresses);
    this.#framer = new Framer(
      { stanza: stanzaLimit, depth: depthLimit },
      {
        stanza: (frame) => this.#stanza(frame),
        refused: (frame, why) => this.#give(refusedStanza(frame, why), undefined),
        streamEnd: () => this.#guard(() => this.#sink.streamEnd()),
      },
    );
  }

  /**
   * Takes the next bytes; each stanza that they complete is given to the sink before it returns.
   *
   * @throws {FramingError} when the bytes are no XMPP stream: the link has to be closed.
   * @throws what the sink threw first, after all of the chunk was read: nothing is lost but the
   * stanza that it threw on.
   */
  push(chunk: Buffer): void {
    this.#framer.push(chunk);
    const thrown = this.#thrown;
    this.#thrown = undefined;
    if (thrown !== undefined) throw thrown.error;
  }

  #stanza(frame: Frame): void {
    if (frame.text.startsWith('<stream:error') && frame.nameEnd === 13) this.#streamError(frame);
    else this.#give(this.#scanner.scan(frame) ?? this.#tree.read(frame), frame.text);
  }

  #streamError(frame: Frame): void {
    const children = parse(frame.text).getChildElements();
    const text = children.find((child) => child.getName() === 'text')?.getText();
    const condition = children.find((child) => child.getName() !== 'text');
    // The host to see is the text of the condition itself (RFC 6120 section 4.9.3.19).
    const host = condition?.getName() === 'see-other-host' ? condition.getText() : text;
    this.#guard(() => this.#sink.streamError(condition?.getName() ?? 'undefined-condition', host));
  }

  /** Like `#guard`, without a function made for each stanza. */
  #give(stanza: Inbound, text: string | undefined): void {
    try {
      this.#sink.inbound(stanza, text);
    } catch (error) {
      this.#thrown ??= { error };
    }
  }

  /** An exception of the sink waits until the framer is at rest. */
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.#thrown ??= { error };
    }
  }
}
