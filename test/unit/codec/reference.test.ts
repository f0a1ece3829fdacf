import { deepEqual, equal } from 'node:assert/strict';
import { renameReference } from '../../../src/xmpp/codec/rename-reference.ts';
import { decodeMessage, messageWith } from './recorder.ts';

const body = '<body>x</body>';

/** Elements that name the message `m1`. */
const references = [
  "<replace xmlns='urn:xmpp:message-correct:0' id='m1'/>",
  "<retract xmlns='urn:xmpp:message-retract:1' id='m1'/>",
  "<apply-to xmlns='urn:xmpp:fasten:0' id='m1'><retract xmlns='urn:xmpp:message-retract:0'/></apply-to>",
  "<reactions xmlns='urn:xmpp:reactions:0' id='m1'><reaction>👍</reaction></reactions>",
  "<reply xmlns='urn:xmpp:reply:0' id='m1' to='a@example.net/r'/>",
  "<p:replace xmlns:p='urn:xmpp:message-correct:0' id='m1'/>",
];
const acknowledgements = [
  "<received xmlns='urn:xmpp:receipts' id='m1'/>",
  "<displayed xmlns='urn:xmpp:chat-markers:0' id='m1'/>",
  "<acknowledged xmlns='urn:xmpp:chat-markers:0' id='m1'/>",
];

describe('what a message is about', () => {
  for (const reference of references) {
    it(`is read from ${reference}`, () => {
      const message = decodeMessage(messageWith(body + reference));
      deepEqual([message.refersTo, message.signal], ['m1', false]);
      equal(decodeMessage(messageWith(reference)).signal, false);
    });
  }

  for (const acknowledgement of acknowledgements) {
    it(`is read from ${acknowledgement}, where nothing else is said`, () => {
      const message = decodeMessage(messageWith(acknowledgement));
      deepEqual([message.refersTo, message.signal], ['m1', true]);
      equal(decodeMessage(messageWith(body + acknowledgement)).refersTo, undefined);
    });
  }

  it('is the message that is corrected, not the one that is acknowledged beside', () => {
    const message = decodeMessage(
      messageWith(
        `<received xmlns='urn:xmpp:receipts' id='m0'/>${references[0]}<reply xmlns='urn:xmpp:reply:0' id='m2'/>`,
      ),
    );
    deepEqual([message.refersTo, message.receipt], ['m1', 'm0']);
  });

  it('is nothing where no message is named', () => {
    for (const children of [
      body,
      "<replace xmlns='urn:xmpp:message-correct:0'/>",
      "<replace xmlns='urn:odd' id='m1'/>",
    ]) {
      equal(decodeMessage(messageWith(children)).refersTo, undefined);
    }
  });
});

describe('another name for what a message is about', () => {
  for (const element of [...references, ...acknowledgements]) {
    it(`is written into ${element}`, () => {
      const renamed = renameReference(element, 'm1', `"ours'<`);
      equal(decodeMessage(messageWith(renamed)).refersTo, `"ours'<`);
    });
  }

  it('changes nothing beside it', () => {
    const renamed = renameReference(`<body>a &amp; b</body> ${references[0]}<x xmlns='urn:odd' id='m1'/>`, 'm1', 'm2');
    equal(renamed, `<body>a &amp; b</body> ${references[0]?.replace('m1', 'm2')}<x xmlns='urn:odd' id='m1'/>`);
  });

  it('leaves the names of other messages', () => {
    const tail = `${references[0]}${acknowledgements[0]}`;
    equal(renameReference(tail, 'm2', 'm3'), tail);
  });
});
