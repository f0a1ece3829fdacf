import type { Inbound, MessageEnvelope } from '../../../src/core/envelope.ts';
import { Decoder, type DecoderSink } from '../../../src/xmpp/codec/decoder.ts';

export const domain = 'pools.example.org';

/** Keeps what a decoder finds, in order. */
export class Recorder implements DecoderSink {
  readonly stanzas: Inbound[] = [];
  readonly events: string[] = [];

  inbound(stanza: Inbound): void {
    this.stanzas.push(stanza);
    this.events.push(stanza.kind);
  }

  streamError(condition: string, text: string | undefined): void {
    this.events.push(`error ${condition} ${text ?? '-'}`);
  }

  streamEnd(): void {
    this.events.push('end');
  }
}

/** A decoder with a recorder, and small limits where the test wants them. */
export function recorded(limits: { stanzaLimit?: number; depthLimit?: number } = {}): {
  decoder: Decoder;
  recorder: Recorder;
} {
  const recorder = new Recorder();
  const decoder = new Decoder({ domain, stanzaLimit: 480 * 1024, depthLimit: 64, ...limits }, recorder);
  return { decoder, recorder };
}

/** What `text` is, read in chunks of `size` bytes. */
export function decode(text: string, size = Number.POSITIVE_INFINITY, limits = {}): Recorder {
  const { decoder, recorder } = recorded(limits);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) decoder.push(bytes.subarray(at, at + size));
  return recorder;
}

/** The only stanza in `text`, which has to be a message. */
export function decodeMessage(text: string): MessageEnvelope {
  const [stanza, ...others] = decode(text).stanzas;
  if (stanza?.kind !== 'message' || others.length > 0) throw new Error(`Not one message: ${JSON.stringify(stanza)}`);
  return stanza;
}

/** A message with these children. */
export function messageWith(children: string, attributes = ''): string {
  return `<message from='s@example.net/r' to='jobs@${domain}'${attributes}>${children}</message>`;
}
