import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type Element, parse } from 'ltx';
import type { Inbound, MessageEnvelope } from '../../../src/core/envelope.ts';
import { errors } from '../../../src/core/errors/errors.ts';
import type { ErrorRow } from '../../../src/core/errors/row.ts';
import { Decoder } from '../../../src/xmpp/codec/decoder.ts';
import { namespaceOf } from '../../../src/xmpp/codec/namespace-check.ts';
import { Writer } from '../../../src/xmpp/codec/writer.ts';

const page = readFileSync(new URL('../../../docs/delivery-wire.md', import.meta.url), 'utf8');
const domain = 'pools.example.org';
const pool = `jobs@${domain}`;
const sender = 'alice@example.org/phone';
const worker = 'bob@example.org/w3';
const proxy = `${pool}/${sender}`;
const passage = { jid: pool, hidesSenders: false };
const writer = new Writer({ domain, stanzaLimit: 480 * 1024 });
const told = { from: sender, to: pool, id: 'm-17' };
const times = { deadline: Date.UTC(2026, 10, 21, 7, 30, 30), expires: Date.UTC(2026, 10, 21, 7, 32) };
const stanzaId = '1h4tq2c0';
const next = 'jobs@p1.example.org';

/** The examples, by the names in the comments before them. */
const examples = new Map(
  [...page.matchAll(/<!-- example: ([a-z-]+) -->\n```xml\n([\s\S]*?)\n```/g)].map(([, name = '', text = '']) => [
    name,
    text,
  ]),
);

function example(name: string): string {
  const text = examples.get(name);
  assert.ok(text !== undefined, `there is no example ${name}`);
  return text;
}

/** An element as nested lists: no white space between elements, attributes in order, namespaces of the elements themselves. */
function plain(element: Element): unknown {
  const attributes = Object.entries(element.attrs).filter(([name]) => name !== 'xmlns');
  return [
    element.getName(),
    namespaceOf(element),
    Object.fromEntries(attributes.sort(([a], [b]) => (a < b ? -1 : 1))),
    element.children
      .filter((child) => typeof child !== 'string' || child.trim() !== '')
      .map((child) => (typeof child === 'string' ? child : plain(child))),
  ];
}

function assertWritten(name: string, text: string | undefined): void {
  assert.deepEqual(plain(parse(text ?? '<nothing/>')), plain(parse(example(name))));
}

/** What the router reads of an example; of messages what the scanner reads, and the parser after it. */
function read(name: string): Inbound {
  const read: Inbound[] = [];
  const ended = (): void => assert.ok(false, 'no stanza');
  const sink = { inbound: (stanza: Inbound) => read.push(stanza), streamError: ended, streamEnd: ended };
  const text = example(name);
  for (const form of [text.replaceAll(/>\s+</g, '><'), text]) {
    new Decoder({ domain, stanzaLimit: 480 * 1024, depthLimit: 64 }, sink).push(Buffer.from(form));
  }
  const [first, second] = read;
  assert.ok(first !== undefined && second !== undefined && read.length === 2);
  if (first.kind === 'message' && second.kind === 'message') {
    assert.deepEqual({ ...first, tail: '', size: 0 }, { ...second, tail: '', size: 0 });
  }
  return first;
}

function readMessage(name: string): MessageEnvelope {
  const stanza = read(name);
  assert.ok(stanza.kind === 'message');
  return stanza;
}

describe('docs/delivery-wire.md', () => {
  const written: Readonly<Record<string, () => string | undefined>> = {
    queued: () => writer.deliveries.queued(told),
    receipt: () => writer.deliveries.receipt(told.from, told.to, told.id),
    expired: () => writer.deliveries.giveBack(told, 'expired', { attempts: 2, stanzaId }),
    rejected: () => {
      const control = readMessage('nack-final').controls?.[0];
      const error = control?.do === 'nack' ? control.error : undefined;
      return writer.deliveries.giveBack(told, 'rejected', { attempts: 1, stanzaId, error });
    },
    'queue-full': () => writer.error(readMessage('sent'), 'queue-full'),
    delivered: () => {
      const { wantsReceipt, ...message } = readMessage('sent');
      assert.equal(wantsReceipt, true);
      const tail = message.tail.replace("<request xmlns='urn:xmpp:receipts'/>", '');
      const assurance = {
        ...times,
        stanzaId,
        token: `${stanzaId}.2.k9d2`,
        attempt: 2,
        delayedSince: Date.UTC(2026, 10, 21, 7, 30),
      };
      return writer.deliveries.deliver({ ...message, tail }, proxy, worker, passage, assurance);
    },
    'delivered-iq': () => {
      const message = { ...readMessage('sent'), tail: '<body>Printer is on fire</body>' };
      const token = `${stanzaId}.1.x0aa`;
      const assurance = { ...times, stanzaId, token, attempt: 1, delayedSince: undefined };
      return writer.deliveries.deliverIq(message, proxy, worker, passage, assurance, token);
    },
    'passed-on': () => {
      const { wantsReceipt: _, ...message } = readMessage('sent');
      const written = { ...message, tail: '<body>Printer is on fire</body>', hops: [] };
      const assurance = { ...times, stanzaId, token: undefined, attempt: 1, delayedSince: undefined };
      const passedOnFor = 86_400_000;
      const front = { jid: 'jobs@front.example.org', hidesSenders: false };
      const from = `${front.jid}/${sender}`;
      return writer.deliveries.deliver(written, from, next, front, { ...assurance, passedOnFor });
    },
    'passed-on-queued': () =>
      writer.deliveries.queued({ from: `jobs@front.example.org/${sender}`, to: next, id: 'm-17' }),
  };
  for (const [name, write] of Object.entries(written)) {
    it(`shows what is written: ${name}`, () => assertWritten(name, write()));
  }

  it('shows what senders write as it is read', () => {
    const sent = readMessage('sent');
    assert.deepEqual(
      [sent.terms, sent.wantsReceipt, sent.originId, sent.tail.includes('switchyard')],
      [{ guarantee: 'at-least-once', ttl: 120_000, queued: true, problem: undefined }, true, '9f1c', false],
    );
    assert.equal(readMessage('expire-at').expireAt, Date.UTC(2026, 10, 21, 12));
  });

  it('shows what workers answer as it is read', () => {
    const token = `${stanzaId}.2.k9d2`;
    const nack = { do: 'nack', token, requeue: true, delay: 5_000, error: undefined };
    const error = { condition: 'not-acceptable', type: 'modify' };
    const read = ['ack', 'nack', 'nack-final', 'extend'].map((name) => readMessage(name));
    assert.deepEqual(
      read.map(({ controls }) => controls),
      [
        [{ do: 'ack', token }],
        [nack],
        [{ ...nack, requeue: false, delay: undefined, error }],
        [{ do: 'extend', token, by: 60_000 }],
      ],
    );
    for (const { signal, tail, to } of read) assert.deepEqual([signal, tail.trim(), to], [true, '', proxy]);
    const receipt = readMessage('received');
    assert.deepEqual([receipt.signal, receipt.receipt], [true, 'm-17']);
  });

  it('shows what pools tell each other as it is read', () => {
    const { terms, hops, wantsReceipt } = readMessage('passed-on');
    assert.deepEqual(
      [terms, hops, wantsReceipt],
      [
        { guarantee: 'at-least-once', ttl: 86_400_000, queued: true, id: stanzaId, problem: undefined },
        ['jobs@front.example.org'],
        undefined,
      ],
    );
    const { controls, signal } = readMessage('passed-on-queued');
    assert.deepEqual([controls, signal], [[{ do: 'queued', id: 'm-17' }], true]);
  });

  it('shows answers to requests as they are read', () => {
    const id = parse(example('delivered-iq')).attrs['id'];
    for (const [name, error] of [
      ['iq-done', undefined],
      ['iq-later', { condition: 'resource-constraint', type: 'wait' }],
    ] as const) {
      const answer = read(name);
      assert.ok(answer.kind === 'iq-response');
      assert.deepEqual([answer.from, answer.to, answer.id, answer.error], [worker, proxy, id, error]);
    }
  });

  it('has no example that is not held against the program', () => {
    const answers = ['received', 'ack', 'nack', 'nack-final', 'extend', 'iq-done', 'iq-later'];
    assert.deepEqual([...examples.keys()].sort(), [...Object.keys(written), 'sent', 'expire-at', ...answers].sort());
    assert.equal(page.match(/^```xml$/gm)?.length, examples.size);
  });

  it('names every element of an error', () => {
    const elements = Object.values<ErrorRow>(errors).flatMap(({ element }) => (element === undefined ? [] : [element]));
    for (const element of elements) assert.ok(page.includes(`\`<${element}/>\``), element);
  });
});
