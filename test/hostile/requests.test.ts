import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { domain, HostileServer, jobs, sender, summary, until, worker } from './hostile-server.ts';

const status = 'urn:example:status';
const other = 'worker@localhost/two';
const thief = 'thief@far.example/x';
const stanzas = "xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'";
const moved = `moved@${domain}`;

describe('requests that are passed on, and answers that lie', () => {
  let server: HostileServer;
  let asked = 0;

  before(async () => {
    const workers = ['worker@localhost'];
    server = await HostileServer.start({
      pools: {
        jobs: { workers, iq: 'proxy', iqNamespaces: ['*'], iqTimeout: '1s' },
        moved: { workers, moved: { to: jobs } },
      },
      limits: { stanza: '20KiB', outBuffer: '1MiB', memory: '1MiB' },
    });
    await server.join(worker);
  });

  after(async () => {
    await server?.stop();
  });

  /** Asks the pool, and returns the id that its worker knows. */
  const ask = async (type = 'get'): Promise<string> => {
    asked += 1;
    const { written } = await server.reaction(
      `<iq type='${type}' from='${sender}' to='${jobs}' id='q${asked}'><query xmlns='${status}'/></iq>`,
    );
    const [given] = written;
    ok(given !== undefined && written.length === 1);
    deepEqual([given.attrs['to'], given.attrs['from'], given.attrs['type']], [worker, `${jobs}/${sender}`, type]);
    return given.attrs['id'] ?? '';
  };

  const answer = (id: string, from: string, content: string, type = 'result'): string =>
    `<iq type='${type}' from='${from}' to='${jobs}/${sender}' id='${id}'>${content}</iq>`;

  it('gives who asked the answer of his worker and of nobody else', async () => {
    const id = await ask();
    for (const from of [thief, sender, other, 'worker@localhost']) {
      const forged = await server.reaction(answer(id, from, `<query xmlns='${status}' by='thief'/>`));
      deepEqual([forged.texts, forged.outcomes], [[], { 'dropped/response-forged': 1 }], from);
    }
    const lost = await server.reaction(answer(`${id}x`, worker, '') + answer('', worker, ''));
    deepEqual([lost.texts, lost.outcomes], [[], { 'dropped/response-unmatched': 2 }]);
    const right = await server.reaction(answer(id, worker, `<query xmlns='${status}'><a/><b>&lt;</b></query>`));
    deepEqual(right.texts, [
      `<iq type='result' from='${jobs}' to='${sender}' id='q${asked}'><query xmlns='${status}'><a/><b>&lt;</b></query></iq>`,
    ]);
    const again = await server.reaction(answer(id, worker, ''));
    deepEqual([again.texts, again.outcomes], [[], { 'dropped/response-duplicate': 1 }]);
  });

  it('follows no redirect that a worker invents, and passes none on', async () => {
    for (const type of ['get', 'set']) {
      const id = await ask(type);
      const evil =
        `<error type='modify' code='302'><redirect ${stanzas}>xmpp:${thief}</redirect>` +
        `<iq xmlns='jabber:client' id='${id}' type='get' to='${thief}'><query xmlns='${status}'/></iq></error>`;
      const { written, texts } = await server.reaction(answer(id, worker, evil, 'error'));
      const told = written.filter(({ attrs }) => attrs['to'] === sender);
      deepEqual(told.map(summary), ['iq error recipient-unavailable']);
      ok(!texts.some((text) => text.includes('thief')), texts.join('\n'));
      // Whether it lives was asked, and answered.
      await server.reaction();
    }
  });

  it('passes on what it does not understand, as long as it is an answer', async () => {
    for (const [content, type] of [
      ['', 'result'],
      ['<a/><b/>', 'result'],
      [`<query xmlns='${status}'/><query xmlns='${status}'/>`, 'result'],
      ["<error type='nonsense'><x xmlns='urn:x'/></error>", 'error'],
      [`<error type='cancel'><item-not-found ${stanzas}/><iq xmlns='jabber:client' type='get'/></error>`, 'error'],
    ] as const) {
      const { texts } = await server.reaction(answer(await ask(), worker, content, type));
      equal(texts.length, 1, content);
      match(texts[0] ?? '', new RegExp(`^<iq type='${type}' from='${jobs}' to='${sender}' id='q${asked}'`));
    }
  });

  it('tells who asked when the answer is too large to be read, once the time is over', async () => {
    const id = await ask();
    const { outcomes } = await server.reaction(answer(id, worker, `<a>${'x'.repeat(21 * 1024)}</a>`));
    deepEqual(outcomes, { 'dropped/shed': 1 });
    await until(() => server.written.some(({ attrs }) => attrs['id'] === `q${asked}`));
    const late = await server.reaction(answer(id, worker, ''));
    deepEqual([late.texts, late.outcomes], [[], { 'dropped/response-late': 1 }]);
  });

  it('passes on nothing that belongs to the account of a worker', async () => {
    for (const payload of [
      "<vCard xmlns='vcard-temp'/>",
      "<query xmlns='urn:xmpp:mam:2'/>",
      "<block xmlns='urn:xmpp:blocking'/>",
      "<pubsub xmlns='http://jabber.org/protocol/pubsub'/>",
      "<command xmlns='http://jabber.org/protocol/commands' node='x'/>",
      "<query xmlns='jabber:iq:roster'/>",
      "<query xmlns=''/>",
    ]) {
      asked += 1;
      const { written } = await server.reaction(
        `<iq type='get' from='${sender}' to='${jobs}' id='q${asked}'>${payload}</iq>`,
      );
      equal(written.length, 1, payload);
      equal(written[0]?.attrs['to'], sender, payload);
      equal(written[0]?.attrs['type'], 'error', payload);
    }
  });

  it('holds no more than it may, whoever asks how much', async () => {
    const many = Array.from(
      { length: 3_000 },
      (_, n) => `<iq type='get' from='${sender}' to='${jobs}' id='f${n}'><query xmlns='${status}'/></iq>`,
    );
    const { outcomes } = await server.reaction(many.join(''));
    const forwarded = outcomes['forwarded'] ?? 0;
    ok(forwarded > 10 && forwarded < 1_000, String(forwarded));
    equal(outcomes['bounced/overloaded'], many.length - forwarded);
    // Ids of the router's own may begin with an f as well.
    const answered = (): number => server.written.filter(({ attrs }) => /^f\d+$/.test(attrs['id'] ?? '')).length;
    await until(() => answered() === many.length);
    equal(await server.router.metric('switchyard_pool_open_requests'), 0);
  });

  it('tells where a pool has moved, and answers no answer with that', async () => {
    const { written, outcomes } = await server.reaction(
      `<message from='${sender}' to='${moved}' type='error' id='e'/><message from='${sender}' to='${moved}' type='headline'/>` +
        `<presence from='${sender}' to='${moved}' type='error'/><presence from='${sender}' to='${moved}' type='probe'/>` +
        `<iq type='result' from='${sender}' to='${moved}' id='r'/><iq type='set' from='${sender}' to='${moved}' id='s'><a xmlns='urn:a'/></iq>`,
    );
    deepEqual(written.map(summary), ['presence error redirect', 'iq error redirect']);
    deepEqual(outcomes, {
      'bounced/moved': 2,
      'dropped/error-unmatched': 2,
      'dropped/headline-unreachable': 1,
      'dropped/response-unmatched': 1,
    });
  });
});
