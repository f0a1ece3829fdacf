import assert from 'node:assert/strict';
import type { PresenceEnvelope } from '../../../src/core/envelope.ts';
import { decode } from '../codec/recorder.ts';

function presence(children: string, attributes = ''): PresenceEnvelope {
  const [stanza] = decode(`<presence from='w@h/1' to='jobs@s'${attributes}>${children}</presence>`).stanzas;
  assert.ok(stanza?.kind === 'presence');
  return stanza;
}

describe('presence', () => {
  it('reads the type', () => {
    assert.equal(presence('').type, 'available');
    for (const type of ['unavailable', 'subscribe', 'subscribed', 'unsubscribe', 'unsubscribed', 'probe', 'error']) {
      assert.equal(presence('', ` type='${type}'`).type, type);
    }
    assert.equal(presence('', " type='available'").type, 'invalid');
    assert.equal(presence('', " type=''").type, 'invalid');
  });

  it('reads show, and takes what is unknown for online', () => {
    for (const show of ['chat', 'away', 'xa', 'dnd']) assert.equal(presence(`<show>${show}</show>`).show, show);
    assert.equal(presence('<show> xa </show>').show, 'xa');
    assert.equal(presence('<show>busy</show>').show, 'online');
    assert.equal(presence("<show xmlns='urn:odd'>xa</show>").show, 'online');
  });

  it('clamps the priority', () => {
    const cases: readonly (readonly [string, number])[] = [
      ['5', 5],
      [' -7\n', -7],
      ['+3', 3],
      ['-0', 0],
      ['1000', 127],
      ['-1000', -128],
      ['9'.repeat(400), 127],
      ['', 0],
      ['1.5', 0],
      ['0x10', 0],
      ['five', 0],
    ];
    for (const [text, priority] of cases)
      assert.equal(presence(`<priority>${text}</priority>`).priority, priority, text);
  });

  it('knows a join of a chat room', () => {
    assert.equal(presence("<x xmlns='http://jabber.org/protocol/muc'/>").muc, true);
    assert.equal(presence("<x xmlns='http://jabber.org/protocol/muc#user'/>").muc, false);
  });

  it('reads what a worker wishes', () => {
    const wish = (attributes: string) => presence(`<x xmlns='urn:x-switchyard:worker:0'${attributes}/>`).wish;
    const none = { weight: undefined, capacity: undefined, label: undefined, drain: false, problem: undefined };
    assert.equal(presence('').wish, undefined);
    assert.deepEqual(wish(''), none);
    assert.deepEqual(wish(" weight='1000' label='cam 1' drain='true'"), {
      ...none,
      weight: 1000,
      label: 'cam 1',
      drain: true,
    });
    assert.deepEqual(wish(" weight='1' drain='0'"), { ...none, weight: 1 });
    for (const weight of ['0', '1001', '-1', '1.5', '', 'x']) {
      assert.deepEqual(wish(` weight='${weight}'`), { ...none, problem: 'weight is a whole number from 1 to 1000' });
    }
    assert.match(wish(" label='' drain='yes'")?.problem ?? '', /^label is .*; drain is true or false$/);
  });

  it('reads a capacity, ours before that of XEP-0142', () => {
    const none = { weight: undefined, capacity: undefined, label: undefined, drain: false, problem: undefined };
    const own = (capacity: string) => `<x xmlns='urn:x-switchyard:worker:0' capacity='${capacity}'/>`;
    const agent = (inner: string) =>
      `<agent-status xmlns='http://jabber.org/protocol/workgroup'>${inner}</agent-status>`;
    const chats = (count: string) => agent(`<max-chats>${count}</max-chats>`);
    const cases: readonly (readonly [string, number | undefined, string?])[] = [
      [own('1'), 1],
      [own('10000'), 10_000],
      [chats('3'), 3],
      [chats('\n 3 '), 3],
      [own('5') + chats('3'), 5],
      [chats('3') + own('5'), 5],
      [chats('3') + chats('4'), 3],
      [agent('<max-chats>3</max-chats><max-chats>4</max-chats>'), 3],
      [agent(''), undefined],
      [agent('<x>3</x>'), undefined],
      [agent("<max-chats xmlns='urn:odd'>3</max-chats>"), undefined],
      [own('many') + chats('3'), 3, 'capacity is a whole number from 1 to 10000'],
      [own('2') + chats('many'), 2, 'max-chats is a whole number from 1 to 10000'],
    ];
    for (const [children, capacity, problem] of cases) {
      assert.deepEqual(presence(children).wish, { ...none, capacity, problem }, children);
    }
    for (const wrong of ['0', '10001', '99999', '100000', '9'.repeat(400), '-1', '1.5', '0x2', '', '٣']) {
      assert.equal(presence(own(wrong)).wish?.capacity, undefined, wrong);
      assert.equal(presence(chats(wrong)).wish?.problem, 'max-chats is a whole number from 1 to 10000', wrong);
    }
    assert.equal(presence("<agent-status xmlns='urn:odd'><max-chats>3</max-chats></agent-status>").wish, undefined);
  });
});
