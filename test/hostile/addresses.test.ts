import { deepEqual, equal, match } from 'node:assert/strict';
import { domain, HostileServer, jobs, sender, summary, worker } from './hostile-server.ts';

const long = 'x'.repeat(5000);
const body = '<body>x</body>';
const ping = "<ping xmlns='urn:xmpp:ping'/>";

/** The three kinds of stanza with these attributes. */
function kinds(attributes: string): readonly string[] {
  return [
    `<message ${attributes} type='chat'>${body}</message>`,
    `<presence ${attributes}/>`,
    `<iq ${attributes} type='get'>${ping}</iq>`,
  ];
}

describe('a hostile server: addresses', () => {
  let server: HostileServer;
  let ids = 0;
  const id = (): string => {
    ids += 1;
    return `a${ids}`;
  };

  before(async () => {
    server = await HostileServer.start();
    await server.join();
  });

  afterEach(async () => {
    equal(server.fake.connections, 1, 'the link was kept');
    await server.assertSound();
  });

  after(async () => {
    await server?.stop();
  });

  const notJids = [
    '@localhost',
    'a@',
    '/r',
    'a@b/',
    '@',
    '@@',
    'a@@b',
    'a@b@c',
    'a@/r',
    `${long}@localhost`,
    `a@localhost/${long}`,
    'a&#9;b@localhost',
    'a@local&#10;host',
    'a@b/&#13;',
    'a@localhost/\x7f',
  ];
  for (const from of notJids) {
    it(`drops what comes from ${from.slice(0, 30)}, which is no JID`, async () => {
      for (const stanza of kinds(`from='${from}' to='${jobs}' id='${id()}'`)) {
        const { written, outcomes } = await server.reaction(stanza);
        deepEqual([written, outcomes], [[], { 'dropped/invalid-from': 1 }], stanza.slice(0, 200));
      }
    });
  }

  const unknownHere = [
    '/',
    '/~',
    '/~two words',
    '/~ü',
    '/!UPPER',
    '/!',
    '/a@',
    '/@',
    '/ü@localhost',
    `/${long}`,
    '/a@localhost/&#9;',
  ];
  for (const resource of unknownHere) {
    it(`answers jid-malformed for an address of its own that cannot be: ${resource.slice(0, 30)}`, async () => {
      const to = `jobs@${domain}${resource}`;
      for (const stanza of kinds(`from='${sender}' to='${to}' id='${id()}'`)) {
        const { written, outcomes } = await server.reaction(stanza);
        if (stanza.startsWith('<presence')) {
          deepEqual(written, []);
          match(JSON.stringify(outcomes), /^\{"(consumed|dropped\/presence-ignored)":1\}$/);
        } else {
          deepEqual(written.map(summary), [`${stanza.split(' ')[0]?.slice(1)} error jid-malformed`]);
          deepEqual(outcomes, { 'bounced/invalid-address': 1 });
        }
      }
    });

    it(`answers no error and no headline there: ${resource.slice(0, 30)}`, async () => {
      const attributes = `from='${sender}' to='jobs@${domain}${resource}'`;
      const error = await server.reaction(`<message ${attributes} type='error' id='err-${id()}'>${body}</message>`);
      deepEqual([error.written, error.outcomes], [[], { 'dropped/error-unmatched': 1 }]);
      const headline = await server.reaction(`<message ${attributes} type='headline' id='${id()}'>${body}</message>`);
      deepEqual([headline.written, headline.outcomes], [[], { 'dropped/headline-unreachable': 1 }]);
    });
  }

  const foreign = [
    'other.example',
    'jobs@other.example',
    `jobs@${domain}.evil`,
    `jobs@evil.${domain}`,
    `jobs@x@${domain}`,
    `other.example/jobs@${domain}`,
    '@@',
    '/',
    `${long}@other.example`,
    'jobs@other.example/&#9;',
  ];
  for (const to of foreign) {
    it(`writes nothing in the name of a domain that is not its own: ${to.slice(0, 40)}`, async () => {
      for (const stanza of kinds(`from='${sender}' to='${to}' id='${id()}'`)) {
        const { written, outcomes } = await server.reaction(stanza);
        deepEqual([written, outcomes], [[], { 'dropped/foreign-address': 1 }]);
      }
      const big = `<body>${'y'.repeat(600 * 1024)}</body>`;
      const { written } = await server.reaction(`<message from='${sender}' to='${to}' id='${id()}'>${big}</message>`);
      deepEqual(written, []);
    });
  }

  it('drops what has no from or no to', async () => {
    const attributes = ['', `from='${sender}'`, `to='${jobs}'`, `from='' to='${jobs}'`, `from='${sender}' to=''`];
    for (const each of attributes) {
      for (const stanza of kinds(`${each} id='${id()}'`)) {
        const { written, outcomes } = await server.reaction(stanza);
        deepEqual([written, outcomes], [[], { 'dropped/no-address': 1 }], stanza);
      }
    }
  });

  it('gives a message without id one that nobody can guess, and forwards it whole', async () => {
    const { written, outcomes } = await server.reaction(`<message from='${sender}' to='${jobs}'>${body}</message>`);
    deepEqual(
      written.map((element) => [element.attrs['to'], /^[\w-]{16,}$/.test(element.attrs['id'] ?? '')]),
      [[worker, true]],
    );
    deepEqual(outcomes, { forwarded: 1 });
  });

  it('never answers itself: what comes from its own domain is dropped', async () => {
    for (const from of [domain, jobs, `${jobs}/${sender}`, `${domain}/x`]) {
      for (const to of [jobs, `${jobs}/${sender}`, domain]) {
        for (const stanza of kinds(`from='${from}' to='${to}' id='${id()}'`)) {
          const { written, outcomes } = await server.reaction(stanza);
          deepEqual([written, outcomes], [[], { 'dropped/own-address': 1 }], stanza);
        }
      }
      const big = `<body>${'y'.repeat(600 * 1024)}</body>`;
      const { written } = await server.reaction(`<message from='${from}' to='${jobs}' id='${id()}'>${big}</message>`);
      deepEqual(written, []);
    }
  });

  it('keeps pools apart: a closed one and a missing one answer the same', async () => {
    const answers: string[] = [];
    for (const pool of ['closed', 'missing']) {
      for (const stanza of kinds(`from='${sender}' to='${pool}@${domain}' id='${id()}'`)) {
        const { texts } = await server.reaction(stanza);
        answers.push(...texts.map((text) => text.replaceAll(pool, 'POOL').replace(/ id='\w+'/, '')));
      }
    }
    equal(answers.length, 6);
    deepEqual(answers.slice(0, 3), answers.slice(3));
    match(String(answers), /service-unavailable.*forbidden.*service-unavailable/s);
  });
});
