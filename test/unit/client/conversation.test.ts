import { deepEqual, equal, match, rejects } from 'node:assert/strict';
import type { Connection } from '../../../client/src/connection.ts';
import type { Conversation } from '../../../client/src/conversation.ts';
import type { Element } from '../../../client/src/element.ts';
import { Sender } from '../../../client/src/sender.ts';
import { FakeServer, isPresence } from './fake-server.ts';

const service = 'jobs@pools.example.org';
const dix = 'urn:x-switchyard:dix:0';
const conditions = 'urn:ietf:params:xml:ns:xmpp-stanzas';

describe('a conversation with one instance, of the client library', () => {
  let server: FakeServer;
  let connection: Connection;
  let sender: Sender;
  /** Who answers the next ping; without one the pool answers with an error. */
  let alive: string[];

  beforeEach(async () => {
    server = new FakeServer();
    connection = server.connection();
    sender = new Sender(connection, { timeout: 1000 });
    alive = [`${service}/~a`];
    server.reply = (stanza) => {
      if (stanza.getChild('ping', dix) === undefined) return undefined;
      const { id } = stanza.attrs;
      const [first] = alive;
      return first === undefined
        ? `<message type='error' from='${service}' id='${id}'><error type='wait'><recipient-unavailable xmlns='${conditions}'/></error></message>`
        : `<message from='${first}' id='${id}'><pong xmlns='${dix}'/></message>`;
    };
    await connection.start();
  });
  afterEach(async () => {
    await connection.stop();
  });

  const converse = (): Promise<Conversation> => sender.converse(service, { timeout: 5000, pingTimeout: 50 });
  const isQuestion = (to: string) => (stanza: Element) =>
    stanza.attrs['to'] === to && stanza.getChild('body') !== undefined;

  function answer(question: Element, body: string): void {
    const thread = question.getChildText('thread');
    server.deliver(`<message from='${question.attrs['to']}'><body>${body}</body><thread>${thread}</thread></message>`);
  }

  it('finds an instance by a message, gives it presence, asks it, and says good-bye', async () => {
    const conversation = await converse();
    equal(await conversation.instance(), `${service}/~a`);
    await server.wrote(isPresence(`${service}/~a`));
    const asked = conversation.ask('?');
    answer(await server.wrote(isQuestion(`${service}/~a`)), 'yes');
    equal((await asked).body, 'yes');
    await conversation.close();
    await server.wrote(isPresence(`${service}/~a`, 'unavailable'));
    await rejects(conversation.send('more'), /closed/);
  });

  it('believes no answer but that of its service to its own ping', async () => {
    server.reply = () => undefined;
    const finding = converse();
    const ping = await server.wrote((stanza) => stanza.getChild('ping', dix) !== undefined);
    server.deliver(`<message from='evil@example.net/~a' id='${ping.attrs['id']}'><pong xmlns='${dix}'/></message>`);
    server.deliver(`<message from='${service}/~b' id='other'><pong xmlns='${dix}'/></message>`);
    server.deliver(`<message from='${service}/~c' id='${ping.attrs['id']}'><pong xmlns='${dix}'/></message>`);
    equal(await (await finding).instance(), `${service}/~c`);
  });

  it('turns to the next instance when its own goes, and repeats the question if it may', async () => {
    const conversation = await converse();
    const once = conversation.ask('once');
    const again = conversation.ask('again', { repeat: true });
    await server.wrote(isQuestion(`${service}/~a`));
    await server.wrote(isQuestion(`${service}/~a`));
    alive = [`${service}/~b`];
    server.deliver(`<presence from='${service}/~a' type='unavailable'/>`);
    await rejects(once, { name: 'InstanceGone' });
    answer(await server.wrote(isQuestion(`${service}/~b`)), 'b here');
    equal((await again).body, 'b here');
    match((await server.told('gone')).text, /~a/);
    deepEqual(
      [(await server.told('found')).text, (await server.told('found')).text],
      [`${service}/~a`, `${service}/~b`],
    );
  });

  it('takes an error that says the instance is gone for its end, another error for an answer', async () => {
    const conversation = await converse();
    const error = (question: Element, condition: string): void => {
      server.deliver(
        `<message type='error' from='${question.attrs['to']}' id='${question.attrs['id']}'><error type='cancel'><${condition} xmlns='${conditions}'/></error></message>`,
      );
    };
    const refused = conversation.ask('a');
    error(await server.wrote(isQuestion(`${service}/~a`)), 'not-acceptable');
    await rejects(refused, { condition: 'not-acceptable' });
    alive = [`${service}/~b`];
    const gone = conversation.ask('b');
    error(await server.wrote(isQuestion(`${service}/~a`)), 'service-unavailable');
    await rejects(gone, { name: 'InstanceGone' });
    equal(await conversation.instance(), `${service}/~b`);
  });

  it('waits for an instance, and fails when there is none in time', async () => {
    alive = [];
    const finding = converse();
    await server.wrote((stanza) => stanza.getChild('ping', dix) !== undefined);
    alive = [`${service}/~a`];
    equal(await (await finding).instance(), `${service}/~a`);
    alive = [];
    await rejects(sender.converse(service, { timeout: 60 }), /no instance: recipient-unavailable/);
  });

  it('finds its instance anew after a reconnect', async () => {
    const conversation = await converse();
    await server.told('found');
    alive = [`${service}/~b`];
    server.cut();
    await server.told('found');
    equal(await conversation.instance(), `${service}/~b`);
    await server.wrote(isPresence(`${service}/~b`));
  });
});
