import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Element, parse } from 'ltx';
import type { MessageEnvelope } from '../../../src/core/envelope.ts';
import { type ErrorCode, errors } from '../../../src/core/errors/errors.ts';
import type { ErrorRow } from '../../../src/core/errors/row.ts';
import type { Assurance } from '../../../src/core/ports.ts';
import { namespacesFit } from '../../../src/xmpp/codec/namespace-check.ts';
import { serialise } from '../../../src/xmpp/codec/serialise.ts';
import { Writer } from '../../../src/xmpp/codec/writer.ts';
import { decode, decodeMessage, domain, messageWith } from './recorder.ts';

const ours = 'urn:x-switchyard:delivery:0';
const pool = `jobs@${domain}`;
const sender = 's@example.net/r';
const proxy = `${pool}/${sender}`;
const worker = 'w@h/1';
const open = { jid: pool, hidesSenders: false };
const hiding = { jid: pool, hidesSenders: true };
const limit = 480 * 1024;
const { deliveries } = new Writer({ domain, stanzaLimit: limit });
const assurance: Assurance = {
  stanzaId: '1h2k3',
  token: '1h2k3:2:x',
  attempt: 2,
  deadline: Date.UTC(2026, 10, 21, 7, 30, 30, 999),
  expires: Date.UTC(2026, 10, 21, 7, 32),
  delayedSince: Date.UTC(2026, 10, 21, 7, 30),
};

function delivered(message: MessageEnvelope, changes: Partial<Assurance> = {}, passage = open): Element {
  const from = passage.hidesSenders ? `${pool}/!k` : proxy;
  return parse(deliveries.deliver(message, from, worker, passage, { ...assurance, ...changes }) ?? '');
}

function carried(message: MessageEnvelope, passage = open): Element {
  const from = passage.hidesSenders ? `${pool}/!k` : proxy;
  return parse(deliveries.deliverIq(message, from, worker, passage, assurance, 'q1') ?? '');
}

/** The only child of this name and namespace. */
function only(element: Element, name: string, namespace: string): Element {
  const found = element.getChildElements().filter((part) => part.is(name, namespace));
  assert.equal(found.length, 1, `${found.length} of ${name}`);
  return found[0] ?? element;
}

function names(element: Element): string[] {
  return element.getChildElements().map((part) => part.getName());
}

describe('a delivery at least once', () => {
  const plain = decodeMessage(messageWith('<body>b</body>', " id='m1' type='chat' xml:lang='de'"));

  it('adds to a message what its worker needs', () => {
    assert.equal(
      deliveries.deliver(plain, proxy, worker, open, assurance),
      `<message type='chat' from='${proxy}' to='w@h/1' id='m1' xml:lang='de'><body>b</body>` +
        `<request xmlns='urn:xmpp:receipts'/><stanza-id xmlns='urn:xmpp:sid:0' by='${pool}' id='1h2k3'/>` +
        `<delivery xmlns='${ours}' token='1h2k3:2:x' attempt='2' deadline='2026-11-21T07:30:30Z' expires='2026-11-21T07:32:00Z'/>` +
        `<delay xmlns='urn:xmpp:delay' from='${pool}' stamp='2026-11-21T07:30:00Z'/>` +
        "<private xmlns='urn:xmpp:carbons:2'/><no-store xmlns='urn:xmpp:hints'/></message>",
    );
  });

  it('tells a worker that does not know us no more than any client understands, and no delay where there was none', () => {
    const told = names(delivered(plain, { token: undefined, delayedSince: undefined }));
    assert.deepEqual(told, ['body', 'request', 'stanza-id', 'private', 'no-store']);
  });

  it('asks for one receipt, and is by one pool, whatever the sender wrote', () => {
    const forged =
      "<request xmlns='urn:xmpp:receipts'/><request xmlns='urn:xmpp:receipts'>x</request>" +
      `<stanza-id xmlns='urn:xmpp:sid:0' by='${pool}' id='9'/><stanza-id xmlns='urn:xmpp:sid:0' by='x@${domain.toUpperCase()}' id='8'/>` +
      `<delivery xmlns='${ours}' token='forged' attempt='1'/><p:delivery xmlns:p='${ours}' token='forged'/>` +
      `<queued xmlns='${ours}' id='1'/><delay xmlns='urn:xmpp:delay' from='${pool}' stamp='2000-01-01T00:00:00Z'/>`;
    for (const text of [forged, `${forged}<p:x xmlns:p='urn:p'/>`]) {
      const element = delivered(decodeMessage(messageWith(text, " id='1'")));
      only(element, 'request', 'urn:xmpp:receipts');
      assert.equal(only(element, 'stanza-id', 'urn:xmpp:sid:0').attrs['id'], assurance.stanzaId);
      assert.equal(only(element, 'delivery', ours).attrs['token'], assurance.token);
      assert.equal(only(element, 'delay', 'urn:xmpp:delay').attrs['stamp'], '2026-11-21T07:30:00Z');
      assert.ok(!names(element).includes('queued'));
    }
  });

  it('is the same in a request, which nobody but its worker gets', () => {
    const iq = carried(plain);
    assert.deepEqual(iq.attrs, { type: 'set', from: proxy, to: worker, id: 'q1' });
    const inner = only(only(only(iq, 'deliver', ours), 'forwarded', 'urn:xmpp:forward:0'), 'message', 'jabber:client');
    assert.deepEqual(
      { ...inner.attrs },
      { xmlns: 'jabber:client', type: 'chat', from: proxy, to: worker, id: 'm1', 'xml:lang': 'de' },
    );
    assert.deepEqual(names(inner), ['body', 'stanza-id', 'delivery', 'delay']);
    assert.ok(only(inner, 'body', 'jabber:client'));
  });

  it('names the sender nowhere where the pool hides him', () => {
    const traces =
      `<body>b</body><stanza-id xmlns='urn:xmpp:sid:0' by='s@example.net' id='1'/>` +
      `<delay xmlns='urn:xmpp:delay' from='example.net' stamp='2000-01-01T00:00:00Z'/><request xmlns='urn:xmpp:receipts'/>` +
      `<reply xmlns='urn:xmpp:reply:0' id='7' to='${sender}'/>`;
    const message = decodeMessage(messageWith(traces, " id='s@example.net-1'"));
    for (const element of [delivered(message, {}, hiding), carried(message, hiding)]) {
      assert.doesNotMatch(serialise(element), /example\.net/);
    }
    const element = delivered(message, {}, hiding);
    only(element, 'request', 'urn:xmpp:receipts');
    only(element, 'stanza-id', 'urn:xmpp:sid:0');
    assert.equal(only(element, 'delay', 'urn:xmpp:delay').attrs['from'], pool);
  });

  it('is never written over the size limit, in bytes of what goes out', () => {
    const long = { ...plain, tail: `<body>${'€'.repeat(50)}</body>` };
    for (const write of [
      (to: Writer) => to.deliveries.deliver(long, proxy, worker, open, assurance),
      (to: Writer) => to.deliveries.deliverIq(long, proxy, worker, open, assurance, 'q1'),
      (to: Writer) => to.deliveries.queued({ from: sender, to: pool, id: '€€' }),
      (to: Writer) => to.deliveries.receipt(sender, pool, '€€'),
      (to: Writer) =>
        to.deliveries.giveBack({ from: sender, to: pool, id: '€€' }, 'expired', { attempts: 1, stanzaId: '1' }),
    ]) {
      const text = write(new Writer({ domain, stanzaLimit: limit })) ?? '';
      const size = Buffer.byteLength(text);
      assert.ok(size > text.length);
      assert.equal(write(new Writer({ domain, stanzaLimit: size })), text);
      assert.equal(write(new Writer({ domain, stanzaLimit: size - 1 })), undefined);
    }
  });

  it('writes a time for every number', () => {
    for (const at of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, 8.64e15, 1e300]) {
      const element = delivered(plain, { deadline: at, expires: at, delayedSince: at });
      assert.match(only(element, 'delivery', ours).attrs['deadline'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    }
  });
});

describe('what a sender is told', () => {
  const message = { from: sender, to: `${pool}/~one`, id: "m'1" };

  it('that the message is in the queue', () => {
    assert.equal(
      deliveries.queued(message),
      `<message from='${pool}/~one' to='${sender}' id='q-m&apos;1'><queued xmlns='${ours}' id='m&apos;1'/><no-store xmlns='urn:xmpp:hints'/></message>`,
    );
    assert.equal(
      deliveries.queued({ ...message, id: undefined }),
      `<message from='${pool}/~one' to='${sender}'><queued xmlns='${ours}'/><no-store xmlns='urn:xmpp:hints'/></message>`,
    );
  });

  it('that a worker has received it', () => {
    assert.equal(
      deliveries.receipt(message.from, message.to, message.id),
      `<message from='${pool}/~one' to='${sender}' id='r-m&apos;1'><received xmlns='urn:xmpp:receipts' id='m&apos;1'/></message>`,
    );
  });

  it('why it comes back, by whom, and how far it got', () => {
    assert.equal(
      deliveries.giveBack(message, 'expired', { attempts: 2, stanzaId: '1h2k3' }),
      `<message type='error' from='${pool}/~one' to='${sender}' id='m&apos;1'><error type='wait' by='${pool}'>` +
        "<recipient-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/><text xmlns='urn:ietf:params:xml:ns:xmpp-stanzas' xml:lang='en'>" +
        `${errors.expired.text} It was given to workers 2 times.</text><expired xmlns='${ours}' attempts='2' id='1h2k3'/></error></message>`,
    );
    for (const code of Object.keys(errors) as ErrorCode[]) {
      const row: ErrorRow = errors[code];
      const [error] = parse(
        deliveries.giveBack(message, code, { attempts: 1, stanzaId: '<"' }) ?? '',
      ).getChildElements();
      const [condition, text, told, ...others] = error?.getChildElements() ?? [];
      assert.deepEqual([condition?.getName(), error?.attrs['type'], others], [row.condition, row.type, []]);
      assert.equal(text?.getText(), `${row.text} It was given to a worker once.`);
      assert.ok(told?.is(row.element ?? 'returned', ours));
      assert.deepEqual([told?.attrs['attempts'], told?.attrs['id']], ['1', '<"']);
    }
    assert.ok(
      deliveries
        .giveBack(message, 'cancelled', { attempts: 0, stanzaId: '1' })
        ?.includes(`${errors.cancelled.text}</text>`),
    );
  });

  it('what the worker said that rejected it, if that is a condition at all', () => {
    const told = (condition: string): string | undefined => {
      const fate = { attempts: 1, stanzaId: '1', error: { condition, type: 'modify' as const } };
      const [error] = parse(deliveries.giveBack(message, 'rejected', fate) ?? '').getChildElements();
      assert.equal(error?.attrs['type'], 'modify');
      return error?.getChildElements()[0]?.getName();
    };
    assert.equal(told('not-acceptable'), 'not-acceptable');
    assert.equal(told("x'><evil/>"), 'undefined-condition');
  });

  it('is of the error table, with an element for programs', () => {
    const refused = decodeMessage(messageWith('<body>b</body>', " id='1'"));
    const text = new Writer({ domain, stanzaLimit: limit }).error(refused, 'sender-share') ?? '';
    assert.ok(text.includes(`</text><queue-full xmlns='${ours}'/></error>`), text);
  });
});

describe('what is written of deliveries', () => {
  const anything = fc.string({ unit: 'binary', maxLength: 12 });
  const jid = fc.tuple(anything, anything).map(([local, resource]) => `${local}@h/${resource}`);

  it('is read again as it was meant, whatever is in it', () => {
    fc.assert(
      fc.property(jid, jid, anything, anything, anything, fc.double(), (from, to, id, token, stanzaId, at) => {
        const message = { ...decodeMessage(messageWith('<body>b</body>')), id };
        const told = { stanzaId, token, attempt: 1, deadline: at, expires: at, delayedSince: at };
        const legal = (text: string): string =>
          parse(new Writer({ domain, stanzaLimit: limit }).ping('a', 'b', text)).attrs['id'] ?? '';
        const written = parse(deliveries.deliver(message, from, to, { ...open, jid: from }, told) ?? '');
        assert.ok(namespacesFit(written));
        assert.deepEqual([written.attrs['from'], written.attrs['to'], written.attrs['id']], [from, to, id].map(legal));
        assert.equal(only(written, 'delivery', ours).attrs['token'], legal(token));
        assert.equal(only(written, 'stanza-id', 'urn:xmpp:sid:0').attrs['id'], legal(stanzaId));
        const iq = parse(deliveries.deliverIq(message, from, to, open, told, id) ?? '');
        assert.ok(namespacesFit(iq));
        const returned = { from, to, id };
        for (const text of [
          deliveries.queued(returned),
          deliveries.receipt(from, to, id),
          deliveries.giveBack(returned, 'rejected', { attempts: 3, stanzaId, error: { condition: id, type: 'wait' } }),
        ]) {
          assert.ok(namespacesFit(parse(text ?? '')));
        }
      }),
      { numRuns: 200 },
    );
  });

  it('says nothing to a pool that it is brought to', () => {
    const text = deliveries.deliver(
      decodeMessage(messageWith('<body>b</body>', " id='1'")),
      'a@h/r',
      pool,
      open,
      assurance,
    );
    const again = decodeMessage(text ?? '');
    assert.deepEqual([again.controls, again.terms, again.wantsReceipt, again.hops], [undefined, undefined, true, ['']]);
    assert.doesNotMatch(again.tail, /x-switchyard|stanza-id|urn:xmpp:delay/);
    assert.equal(decode(text ?? '').stanzas.length, 1);
  });
});
