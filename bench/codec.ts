/**
 * The codec alone: `node --import=tsx bench/codec.ts`. Prints, for messages of 300 bytes in reads
 * of 64 KiB, the median rate of several interleaved rounds and its spread. Seconds are those of the
 * processor, so that whatever else the machine does counts little.
 */
import { parse } from 'ltx';
import type { Inbound, MessageEnvelope } from '../src/core/envelope.ts';
import { AddressCache } from '../src/xmpp/codec/address-cache.ts';
import { Decoder } from '../src/xmpp/codec/decoder.ts';
import { Framer } from '../src/xmpp/codec/framer.ts';
import { Scanner } from '../src/xmpp/codec/scanner.ts';
import { Writer } from '../src/xmpp/codec/writer.ts';

/** Messages that differ, and how often all of them are read in a round: little is kept, so that little is collected. */
const different = 2_000;
const times = 50;
const count = different * times;
const readSize = 65_536;
const rounds = 7;
const domain = 'pools.example.org';

function message(index: number): string {
  const head = `<message to='jobs@${domain}' from='sensor${index % 100}@example.net/r' id='m${index}' type='chat'>`;
  const rest = "<request xmlns='urn:xmpp:receipts'/></message>";
  return `${head}<body>${'x'.repeat(300 - head.length - rest.length - 13)}</body>${rest}`;
}

const texts = Array.from({ length: different }, (_, index) => message(index));
const bytes = Buffer.from(texts.join(''));
const reads: Buffer[] = [];
for (let at = 0; at < bytes.length; at += readSize) reads.push(bytes.subarray(at, at + readSize));

const nothing = { stanza: () => {}, refused: () => {}, streamEnd: () => {} };
const passage = { jid: `jobs@${domain}`, hidesSenders: false };
const limits = { stanza: 480 * 1024, depth: 64 };
const addresses = new AddressCache(8192);
const scanner = new Scanner(domain, addresses);
const writer = new Writer({ domain, stanzaLimit: limits.stanza });
const envelopes: MessageEnvelope[] = [];
const keep = (stanza: Inbound): void => {
  if (stanza.kind === 'message') envelopes.push(stanza);
};
const decoderSink = { inbound: keep, streamError: () => {}, streamEnd: () => {} };
new Decoder({ domain, stanzaLimit: limits.stanza, depthLimit: limits.depth }, decoderSink).push(bytes);

let sink = 0;
const variants: Readonly<Record<string, () => void>> = {
  framer: () => feed(new Framer(limits, nothing)),
  'framer + scanner': () => {
    const stanza = (frame: Parameters<Scanner['scan']>[0]): void => {
      sink += scanner.scan(frame)?.size ?? 0;
    };
    feed(new Framer(limits, { ...nothing, stanza }));
  },
  decoder: () => {
    const inbound = (stanza: Inbound): void => {
      sink += stanza.kind.length;
    };
    feed(new Decoder({ domain, stanzaLimit: limits.stanza, depthLimit: limits.depth }, { ...decoderSink, inbound }));
  },
  ltx: () => {
    for (const text of repeated(texts)) sink += parse(text).children.length;
  },
  writer: () => {
    for (const envelope of repeated(envelopes)) {
      const from = 'jobs@pools.example.org/sensor@example.net/r';
      sink += writer.forward(envelope, from, 'worker@example.org/n1', passage)?.length ?? 0;
    }
  },
};

function* repeated<T>(values: readonly T[]): Generator<T> {
  for (let time = 0; time < times; time++) yield* values;
}

function feed(target: { push(chunk: Buffer): void }): void {
  for (const read of repeated(reads)) target.push(read);
}

const measured: Record<string, number[]> = {};
for (let round = -2; round < rounds; round++) {
  for (const [name, run] of Object.entries(variants)) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    // The first rounds are the compiler's.
    if (round >= 0) measured[name] = [...(measured[name] ?? []), seconds];
  }
}

console.log('variant | messages per CPU second | MB | ns a message | spread');
for (const [name, seconds] of Object.entries(measured)) {
  const sorted = seconds.toSorted((a, b) => a - b);
  const median = sorted[sorted.length >> 1] ?? 1;
  const spread = ((sorted.at(-1) ?? 0) - (sorted[0] ?? 0)) / median;
  const rate = Math.round(count / median);
  const megabytes = Math.round((bytes.length * times) / median / 1e6);
  console.log(
    `${name} | ${rate} | ${megabytes} | ${Math.round((median / count) * 1e9)} | ${Math.round(spread * 100)} %`,
  );
}
if (sink === 0) throw new Error('Nothing was read.');
