import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectForeign, type ForeignClient, slixmppMissing } from '../clients/slixmpp-client.ts';
import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';
const rpc = `rpc@${domain}`;
const slow = `slow@${domain}`;
const status = `status@${domain}`;
const veiled = `veiled@${domain}`;
const old = `old@${domain}`;
const job = 'urn:example:job';
const long = 50_000;

/** An IQ of ours, on either side; `id` and `mark` tell whose it is. */
interface Iq {
  readonly from: string;
  readonly id: string;
  readonly type: string;
  readonly mark: string;
  readonly text: string;
}

/** A client on either library that asks or answers. */
interface Peer {
  readonly jid: string;
  /** The next IQ of these types that is about a job. */
  next(types: readonly string[]): Promise<Iq>;
  send(text: string): void;
  kill(): void;
}

function iqOf(head: { readonly from: unknown; readonly id: unknown; readonly type: unknown }, text: string): Iq {
  const mark = /mark=["']([^"']*)/.exec(text)?.[1] ?? '';
  return { from: String(head.from), id: String(head.id), type: String(head.type), mark, text };
}

/** An error need not bring the request back. */
function isOurs(type: unknown, text: string): boolean {
  return type === 'error' || text.includes(job);
}

function ours(client: TestClient): Peer {
  return {
    jid: client.jid,
    next: async (types) => {
      const found = await client.waitFor(
        (s) => s.name === 'iq' && types.includes(s.attrs['type'] ?? '') && isOurs(s.attrs['type'], String(s)),
        `an IQ ${types.join(' or ')}`,
        long,
      );
      const { from, id, type } = found.attrs;
      return iqOf({ from, id, type }, String(found));
    },
    send: (text) => void client.send(text).catch(() => undefined),
    kill: () => client.kill(),
  };
}

function theirs(client: ForeignClient): Peer {
  return {
    jid: client.jid,
    next: async (types) => {
      const found = await client.waitFor(
        (s) => s.name === 'iq' && types.includes(s.type ?? '') && isOurs(s.type, s.xml),
        `an IQ ${types.join(' or ')}`,
        long,
      );
      return iqOf(found, found.xml);
    },
    send: (text) => client.raw(text),
    kill: () => void client.kill(),
  };
}

function query(to: string, id: string, mark: string, type = 'get'): string {
  return `<iq type='${type}' to='${to}' id='${id}'><job xmlns='${job}' mark='${mark}'/></iq>`;
}

/** The answer to a job: it says whose it is, and who made it. */
function answerTo({ id, from, mark }: Iq, worker: Peer): string {
  return `<iq type='result' id='${id}' to='${from}'><done xmlns='${job}' mark='${mark}' by='${worker.jid}'/></iq>`;
}

/** Requests that are redirected or passed on, and pools that have moved, the same on every server. */
export function describeRequests(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`requests to pools on ${name}`, () => {
    let server: XmppServer;
    let router: RouterProcess;
    let asker: Peer;
    let foreign: Peer;

    const login = async (user: string, resource: string, silent: boolean): Promise<TestClient> =>
      connectClient({ port: server.c2sPort, user, password: 'pw', resource, silent });

    /** A worker that answers as `serve` says; on slixmpp where its resource says so. */
    const work = async (pool: string, resource: string, serve: (iq: Iq, worker: Peer) => void): Promise<Peer> => {
      const slix = resource.startsWith('slix');
      const user = 'worker';
      let worker: Peer;
      if (slix) {
        const client = await connectForeign({ port: server.c2sPort, user, password: 'pw', resource });
        client.presence({ to: pool });
        await client.waitFor((s) => s.name === 'presence' && s.from === pool, 'the pool’s presence');
        worker = theirs(client);
      } else {
        const client = await login(user, resource, true);
        await client.send(`<presence to='${pool}'/>`);
        await client.waitFor((s) => s.name === 'presence' && s.attrs['from'] === pool, 'the pool’s presence');
        worker = ours(client);
      }
      const run = async (): Promise<void> => {
        for (;;) serve(await worker.next(['get', 'set']), worker);
      };
      void run().catch(() => undefined);
      return worker;
    };
    const answers = (iq: Iq, worker: Peer): void => worker.send(answerTo(iq, worker));

    const events = (event: string): Promise<number> => router.metric('switchyard_events_total', { event });
    const droppedFor = (reason: string): Promise<number> =>
      router.metric('switchyard_stanza_outcomes_total', { outcome: 'dropped', reason });

    before(async function () {
      const reason = missing() ?? slixmppMissing();
      if (reason !== undefined) skip(this, reason);
      server = await startServer({
        accounts: { sensor: 'pw', other: 'pw', worker: 'pw' },
        components: { [domain]: 's3cret' },
      });
      const pool = { workers: ['worker@localhost'], iqNamespaces: [job] };
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: {
          rpc: { ...pool, iq: 'proxy' },
          slow: { ...pool, iq: 'proxy', iqTimeout: '1s' },
          status: { ...pool, iq: 'redirect' },
          veiled: { ...pool, iq: 'redirect', identity: 'alias' },
          old: { workers: ['worker@localhost'], moved: { to: status } },
        },
        config: { drainTimeout: '30s' },
      });
      await router.start();
      asker = ours(await login('sensor', 'r', false));
      foreign = theirs(
        await connectForeign({ port: server.c2sPort, user: 'other', password: 'pw', resource: 'slixmpp' }),
      );
    });

    after(async () => {
      for (const peer of [asker, foreign]) peer?.kill();
      await router?.remove();
      await server?.remove();
    });

    it('redirects a get to a worker, which answers the client itself', async () => {
      const worker = await work(status, 'status', answers);
      for (const client of [asker, foreign]) {
        client.send(query(status, 'redirected', 'r1'));
        const { text, from } = await client.next(['error']);
        equal(from, status);
        match(text, /code=['"]302['"]/);
        match(text, />xmpp:worker@localhost\/status<\/(?:\w+:)?redirect>/);
        const embedded = /<(?:\w+:)?error.*?(<iq [^>]*>.*?<\/iq>)/su.exec(text)?.[1] ?? '';
        for (const part of [/ id=['"]redirected['"]/, / type=['"]get['"]/, / to=['"]worker@localhost\/status['"]/]) {
          match(embedded, part);
        }
        client.send(query(worker.jid, 'redirected', 'r1'));
        const answer = await client.next(['result']);
        deepEqual([answer.from, answer.id, answer.mark], [worker.jid, 'redirected', 'r1']);
        client.send(query(status, 'set', 'r2', 'set'));
        match((await client.next(['error'])).text, /not-allowed/);
      }
      worker.kill();
    });

    it('redirects to the label where the pool hides who is who, and passes that on', async () => {
      const seen: string[] = [];
      const worker = await work(veiled, 'veiled', (iq, self) => {
        seen.push(iq.from);
        answers(iq, self);
      });
      asker.send(query(veiled, 'hidden', 'v1'));
      const { text } = await asker.next(['error']);
      ok(!text.includes('worker@localhost'), text);
      const to = / to=['"](veiled@pools\.localhost\/~[^'"]+)/.exec(text)?.[1] ?? '';
      asker.send(query(to, 'hidden', 'v1'));
      const answer = await asker.next(['result']);
      deepEqual([answer.from, answer.id, answer.mark, seen], [to, 'hidden', 'v1', [veiled]]);
      worker.kill();
    });

    it('says where a pool has moved to', async () => {
      asker.send(query(old, 'moved', 'm1'));
      match((await asker.next(['error'])).text, />xmpp:status@pools\.localhost<\/redirect>/);
      foreign.send(query(old, 'moved', 'm2', 'set'));
      match((await foreign.next(['error'])).text, />xmpp:status@pools\.localhost<\/(?:\w+:)?redirect>/);
      const client = await login('worker', 'late', false);
      await client.send(`<presence to='${old}'/><message to='${old}' id='m3' type='chat'><body>x</body></message>`);
      for (const kind of ['presence', 'message']) {
        const stanza = await client.waitFor((s) => s.name === kind && s.attrs['from'] === old, `the new address`);
        equal(stanza.attrs['type'], 'error');
        equal(stanza.getChild('error')?.getChildText('redirect'), `xmpp:${status}`);
      }
      await client.end();
    });

    it('answers each request once and with its own answer, while workers die', async () => {
      const workers = new Map<string, Peer>();
      let served = 0;
      const serve = (iq: Iq, worker: Peer): void => {
        served += 1;
        // Two keep every other job, and die with them: others answer those, or who asked gets an error.
        if (served === 80) workers.get('first')?.kill();
        if (served === 160) workers.get('slix-first')?.kill();
        if (worker.jid.endsWith('first') && served % 2 === 0) return;
        void sleep(iq.mark.length % 7).then(() => answers(iq, worker));
      };
      for (const resource of ['first', 'second', 'slix-first', 'slix-second']) {
        workers.set(resource, await work(rpc, resource, serve));
      }
      const each = 150;
      const clients = [asker, foreign];
      const wanted = clients.map((client, place) => {
        // The ids of both are the same.
        const ids = Array.from({ length: each }, (_, n) => `q${n}`);
        for (const [n, id] of ids.entries()) {
          client.send(query(rpc, id, `${place}-${id}`, n % 10 === 9 ? 'set' : 'get'));
        }
        return ids;
      });
      await Promise.all(
        clients.map(async (client, place) => {
          const heard: string[] = [];
          while (heard.length < each) {
            const answer = await client.next(['result', 'error']);
            heard.push(answer.id);
            equal(answer.from, rpc);
            // An error brings the request back: its mark is that of the asker too.
            equal(answer.mark || `${place}-${answer.id}`, `${place}-${answer.id}`);
            if (answer.type === 'error') equal(Number(answer.id.slice(1)) % 10, 9, answer.text);
          }
          deepEqual(heard.toSorted(), wanted[place]?.toSorted());
        }),
      );
      // Nothing comes twice: what each peer hears next is the answer to what it asks now.
      for (const client of clients) {
        client.send(query(rpc, 'last', 'last'));
        equal((await client.next(['result', 'error'])).id, 'last');
      }
      ok((await events('request-retried')) > 0);
      equal(await router.metric('switchyard_pool_open_requests'), 0);
      equal(await router.balance(), 0);
      for (const worker of workers.values()) worker.kill();
    });

    it('lets nobody answer for another, and nobody twice or too late', async () => {
      let hand: ((iq: Iq) => void) | undefined;
      const given = (): Promise<Iq> => new Promise((resolve) => (hand = resolve));
      const honest = await work(rpc, 'honest', (iq) => hand?.(iq));
      const worker = await work(slow, 'slow', (iq) => hand?.(iq));
      const thief = await login('worker', 'thief', false);
      const first = given();
      asker.send(query(rpc, 'mine', 's1'));
      const iq = await first;
      await thief.send(answerTo({ ...iq, mark: 'forged' }, honest));
      while ((await droppedFor('response-forged')) < 1) await sleep(20);
      honest.send(answerTo(iq, honest) + answerTo(iq, honest));
      const { type, mark } = await asker.next(['result', 'error']);
      deepEqual([type, mark], ['result', 's1']);
      const second = given();
      asker.send(query(slow, 'late', 's2'));
      const kept = await second;
      match((await asker.next(['result', 'error'])).text, /remote-server-timeout/);
      worker.send(answerTo(kept, worker));
      for (const reason of ['response-duplicate', 'response-late']) {
        while ((await droppedFor(reason)) < 1) await sleep(20);
      }
      equal(await events('request-timeout'), 1);
      asker.send(query(status, 'after', 's3'));
      equal((await asker.next(['result', 'error'])).id, 'after');
      for (const each of [honest, worker]) each.kill();
      await thief.end();
    });

    it('waits for answers on SIGTERM, as long as it may', async () => {
      let hand: ((iq: Iq) => void) | undefined;
      const given = new Promise<Iq>((resolve) => (hand = resolve));
      const worker = await work(rpc, 'last', (iq) => hand?.(iq));
      asker.send(query(rpc, 'before', 'd1'));
      const hold = await given;
      const ended = router.stop();
      while (!router.log.some(({ msg }) => msg === 'draining')) await sleep(10);
      worker.send(answerTo(hold, worker));
      deepEqual((await asker.next(['result', 'error'])).mark, 'd1');
      equal(await ended, 0);
    });
  });
}
