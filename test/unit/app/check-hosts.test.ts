import { deepEqual, equal, match } from 'node:assert/strict';
import { hostFindings } from '../../../src/app/check/check-hosts.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { FakeServer } from '../../support/servers/fake-server.ts';

const info = 'http://jabber.org/protocol/disco#info';
const items = 'http://jabber.org/protocol/disco#items';

/** What each host answers to each question; none: it is silent. */
type Answers = Readonly<Record<string, Readonly<Record<string, string>>>>;

describe('switchyard check: the hosts around', () => {
  let server: FakeServer;
  beforeEach(async () => {
    server = await FakeServer.start();
  });
  afterEach(() => server.stop());

  async function findings(domain: string, workers: readonly string[], answers: Answers, questions: number) {
    const service = `xmpp://127.0.0.1:${server.port}`;
    const { config } = loadConfig({
      env: {
        SWITCHYARD_COMPONENT: JSON.stringify({ service, domain, secret: 'test', pingTimeout: '1s' }),
        SWITCHYARD_POOLS: JSON.stringify({ jobs: { workers } }),
      },
    });
    const found = hostFindings(config);
    const connection = await server.attach();
    const asked = await connection.expect(new RegExp(`(?:<iq .*?</iq>){${questions}}`));
    const hosts: string[] = [];
    for (const [, id, to = '', ns = ''] of asked.matchAll(/id='([^']+)'.*?to='([^']+)'.*?xmlns='([^']+)'/g)) {
      if (!hosts.includes(to)) hosts.push(to);
      const content = answers[to]?.[ns];
      if (content !== undefined)
        connection.send(
          `<iq type='result' from='${to}' to='${domain}' id='${id}'><query xmlns='${ns}'>${content}</query></iq>`,
        );
    }
    await connection.expect(/<\/stream:stream>/);
    connection.halfClose();
    return { hosts, lines: (await found).map(({ level, subject, text }) => `${level} ${subject}: ${text}`) };
  }

  const feature = (...names: readonly string[]): string => names.map((name) => `<feature var='${name}'/>`).join('');

  it('are the one above the domain and those of workers, each once', async () => {
    const workers = ['*@work.example', 'w@work.example/r', '**@far.example', 'bot.example/x', 'a@example.org'];
    const { hosts, lines } = await findings('pools.example.org', workers, {}, 12);
    deepEqual(hosts, ['example.org', 'work.example', 'far.example', 'bot.example']);
    deepEqual(
      lines,
      hosts.map((host) => `note ${host}: it tells nothing of itself (no answer)`),
    );
  });

  it('are not the top-level domain, nor more than eight', async () => {
    const workers = Array.from({ length: 11 }, (_, n) => `w@host${n}.example`);
    const { hosts, lines } = await findings('example.org', workers, {}, 24);
    equal(hosts.length, 8);
    equal(hosts[0], 'host0.example');
    equal(lines.at(-1), 'note hosts: not asked, after so many: 3 more hosts of workers');
  });

  it('show traps where workers have accounts, and whether our domain is listed above it', async () => {
    const identity = "<identity category='server' type='im' name='Prosody'/>";
    const all = feature('msgoffline', 'urn:xmpp:carbons:2', 'urn:xmpp:mam:2');
    const { lines } = await findings(
      'pools.example.org',
      ['*@work.example'],
      {
        'example.org': { [info]: identity + all, [items]: "<item jid='muc.example.org'/>" },
        'work.example': { [info]: all, 'jabber:iq:version': '<name>Other</name>' },
      },
      6,
    );
    equal(lines.length, 6);
    deepEqual(lines.slice(0, 3), [
      'ok example.org: Prosody; what to set there: docs/prosody.md',
      'note example.org: it does not list pools.example.org among its services',
      'ok work.example: Other; what to set there: docs/servers.md',
    ]);
    match(
      lines.slice(3).join(),
      /work\.example: it stores .*work\.example: it has carbons.*work\.example: it has an archive/,
    );
  });
});
