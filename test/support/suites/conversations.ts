import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { connectForeign, type ForeignClient, slixmppMissing } from '../clients/slixmpp-client.ts';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';

/** What a person's client shows of a message. */
interface Line {
  readonly from: string;
  readonly body: string;
  readonly xml: string;
}

/** A chat client that shows one conversation for each bare JID, as many do. */
interface Chat {
  readonly jid: string;
  /** Joins a pool, and waits until it has. */
  join(pool: string): Promise<void>;
  read(body: string): Promise<Line>;
  write(to: string, body: string): Promise<void>;
  /** The text of the error that comes back for what was written to `from`. */
  refusal(from: string): Promise<string>;
}

function bare(jid: string): string {
  return jid.replace(/\/.*/, '');
}

function onSlixmpp(client: ForeignClient): Chat {
  return {
    jid: client.jid,
    async join(pool) {
      client.presence({ to: pool });
      await client.waitFor((s) => s.name === 'presence' && s.from === pool, 'the pool’s presence');
    },
    async read(body) {
      const { from, xml } = await client.waitFor((s) => s.name === 'message' && s.body === body, body);
      return { from: from ?? '', body, xml };
    },
    write: (to, body) => Promise.resolve(client.message({ to, body })),
    async refusal(from) {
      const { xml } = await client.waitFor((s) => s.type === 'error' && s.from === from, 'the error');
      return xml;
    },
  };
}

function onXmppClient(client: TestClient): Chat {
  return {
    jid: client.jid,
    async join(pool) {
      await client.send(`<presence to='${pool}'/>`);
      await client.waitFor((s) => s.name === 'presence' && s.attrs['from'] === pool, 'the pool’s presence');
    },
    async read(body) {
      const stanza = await client.waitFor((s) => s.getChildText('body') === body, body);
      return { from: stanza.attrs['from'] ?? '', body, xml: stanza.toString() };
    },
    write: (to, body) => client.send(`<message to='${to}' type='chat'><body>${body}</body></message>`),
    async refusal(from) {
      const stanza = await client.waitFor((s) => s.attrs['type'] === 'error' && s.attrs['from'] === from, 'the error');
      return stanza.toString();
    },
  };
}

/** Replies of clients that lose, or lock onto, what stands after the slash, on every server the same. */
export function describeConversations(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`conversations on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let ada: TestClient;
    let bob: TestClient;
    let büro: TestClient;
    let senders: Chat[];
    const workers = new Map<string, Chat>();

    before(async function () {
      const reason = missing() ?? slixmppMissing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { ada: 'pw', bob: 'pw', worker: 'pw', human: 'pw' },
        components: { [domain]: 's3cret' },
      });
      const by = (user: string, more: object = {}): Readonly<Record<string, unknown>> => ({
        workers: [`${user}@localhost`],
        ...more,
      });
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: {
          'slixmpp-jobs': by('worker'),
          'client-jobs': by('human'),
          'slixmpp-people': by('worker', { proxy: 'localpart' }),
          'client-people': by('human', { proxy: 'localpart' }),
          shared: { workers: ['worker@localhost', 'human@localhost'] },
          secret: by('human', { identity: 'alias' }),
        },
      });
      await router.start();
      const login = { port: server.c2sPort, password: 'pw' };
      const [one, two] = await Promise.all([
        connectForeign({ ...login, user: 'worker', resource: 'one' }),
        connectClient({ ...login, user: 'human', resource: 'two' }),
      ]);
      [ada, bob, büro] = await Promise.all([
        connectClient({ ...login, user: 'ada', resource: 'r' }),
        connectClient({ ...login, user: 'bob', resource: 'r' }),
        connectClient({ ...login, user: 'ada', resource: 'büro' }),
      ]);
      senders = [onXmppClient(ada), onXmppClient(bob)];
      workers.set('slixmpp', onSlixmpp(one)).set('client', onXmppClient(two));
      for (const [library, worker] of workers) {
        for (const pool of [`${library}-jobs`, `${library}-people`, 'shared']) await worker.join(`${pool}@${domain}`);
      }
      await workers.get('client')?.join(`secret@${domain}`);
    });

    after(async () => {
      await router?.remove();
      await server?.remove();
    });

    for (const library of ['slixmpp', 'client']) {
      const jobs = `${library}-jobs@${domain}`;
      const people = `${library}-people@${domain}`;
      const chat = (): Chat => {
        const worker = workers.get(library);
        ok(worker);
        return worker;
      };

      /** Each sender writes; what the worker read, in the order of the senders. */
      const ask = async (pool: string, round: string): Promise<Line[]> => {
        const lines: Line[] = [];
        for (const [n, sender] of senders.entries()) {
          await sender.write(pool, `${round} ${n}`);
          lines.push(await chat().read(`${round} ${n}`));
        }
        return lines;
      };

      it(`tells a worker on ${library} that loses the resource what to do, and takes its answers where it is a person's`, async () => {
        const [line] = await ask(jobs, 'lost');
        await chat().write(bare(line?.from ?? ''), 'answer');
        match(await chat().refusal(jobs), /not-acceptable.*reply to the sender.{1,6}s own address/s);
        for (const round of ['a', 'b', 'c']) {
          const lines = await ask(people, `${library} ${round}`);
          // The later answer first: who wrote last must make no difference.
          for (const { from, body } of lines.toReversed()) await chat().write(bare(from), `re ${body}`);
          for (const [n, sender] of senders.entries()) {
            const { from } = await sender.read(`re ${library} ${round} ${n}`);
            ok(from.startsWith(`${people}/~`), from);
          }
        }
        deepEqual(
          [ada.received.filter((s) => s.name === 'message'), bob.received.filter((s) => s.name === 'message')],
          [[], []],
        );
      });

      it(`brings the answers of a worker on ${library} that locks onto a resource to who wrote last`, async () => {
        for (const round of ['d', 'e']) {
          for (const [n, sender] of senders.entries()) {
            await sender.write(jobs, `${round} ${n}`);
            const { from } = await chat().read(`${round} ${n}`);
            await chat().write(from, `re ${library} ${round} ${n}`);
            await sender.read(`re ${library} ${round} ${n}`);
          }
        }
        // One conversation for two senders: such a client answers the last one. That is what `proxy: localpart` is for.
        const locked = (await ask(jobs, 'f')).at(-1)?.from ?? '';
        for (const n of [0, 1]) await chat().write(locked, `re ${library} f ${n}`);
        for (const n of [0, 1]) await senders[1]?.read(`re ${library} f ${n}`);
      });
    }

    it('keeps a sender that locks onto a resource with one worker', async () => {
      const [sender] = senders;
      ok(sender);
      await sender.write(`shared@${domain}`, 'first');
      const [library, first] = await Promise.any(
        [...workers].map(async ([key, worker]) => [key, await worker.read('first')] as const),
      );
      const worker = workers.get(library);
      await worker?.write(first.from, 'hello');
      const { from: label } = await sender.read('hello');
      for (const n of [1, 2, 3]) {
        await sender.write(label, `more ${n}`);
        equal((await worker?.read(`more ${n}`))?.from, first.from);
      }
    });

    it('gives a sender whose address is no resource an alias, and keeps it across a restart', async () => {
      const sender = onXmppClient(büro);
      const worker = workers.get('slixmpp');
      await sender.write(`slixmpp-jobs@${domain}`, 'grüße');
      const { from } = (await worker?.read('grüße')) ?? {};
      match(from ?? '', /\/![a-z2-7]{26}$/);
      equal(await router.stop(), 0);
      await router.start();
      await worker?.write(from ?? '', 'zurück');
      await sender.read('zurück');
      await sender.write(`slixmpp-jobs@${domain}`, 'nochmal');
      equal((await worker?.read('nochmal'))?.from, from);
    });

    it('shows the workers of a pool that hides its senders nothing of them', async () => {
      const worker = workers.get('client');
      for (const [n, sender] of senders.entries()) {
        await sender.write(`secret@${domain}`, `hidden ${n}`);
        const line = await worker?.read(`hidden ${n}`);
        ok(line !== undefined && !/ada|bob/.test(line.xml), line?.xml);
        await worker?.write(line.from, `re hidden ${n}`);
        await sender.read(`re hidden ${n}`);
      }
    });

    it('ends a message that goes round', async () => {
      await senders[0]?.write(`slixmpp-jobs@${domain}`, 'round');
      const first = await workers.get('slixmpp')?.read('round');
      ok(first !== undefined && !/ofrom/.test(first.xml), first?.xml);
      const ofrom = `<addresses xmlns='http://jabber.org/protocol/address'><address type='ofrom' jid='a@b'/></addresses>`;
      await bob.send(`<message to='client-jobs@${domain}' type='chat'><body>on</body>${ofrom}</message>`);
      const second = (await workers.get('client')?.read('on'))?.xml ?? '';
      const hops = [...second.matchAll(/<hop [^>]*\/>/g)].join('');
      match(hops, new RegExp(`^<hop (?=.*n="2")(?=.*via="client-jobs@${domain}")[^>]*/>$`));
      await bob.send(`<message to='client-jobs@${domain}' type='chat'><body>again</body>${ofrom}${hops}</message>`);
      const error = await bob.waitFor((s) => s.attrs['type'] === 'error', 'the error');
      match(error.toString(), /not-acceptable.*passed this pool before/s);
      equal(await router.balance(), 0);
    });
  });
}
