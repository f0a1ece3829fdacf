import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connectForeign, type ForeignClient, type ForeignStage, slixmppMissing } from '../clients/slixmpp-client.ts';
import { prepareRouter, type RouterProcess } from '../router/router-process.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { skip } from '../skip.ts';

const domain = 'pools.localhost';
const jobs = `jobs@${domain}`;
const patience = 30_000;
/** More pools than a page of a list has rows. */
const others = Object.fromEntries(
  Array.from({ length: 60 }, (_, n) => [
    `p${String(n).padStart(2, '0')}`,
    { workers: ['nobody@localhost'], senders: ['*'] },
  ]),
);

/** What operators do from an XMPP client, with slixmpp's plugin for XEP-0050 as it is. */
export function describeAdHoc(
  name: string,
  missing: () => string | undefined,
  startServer: (options: ServerOptions) => Promise<XmppServer>,
): void {
  describe(`ad-hoc commands on ${name}`, function () {
    this.timeout(120_000);
    let server: XmppServer;
    let router: RouterProcess;
    let boss: ForeignClient;
    let ada: ForeignClient;
    let eve: ForeignClient;

    before(async function () {
      const reason = missing() ?? slixmppMissing();
      if (reason !== undefined) skip(this, reason);
      const accounts = { boss: 'pw', ada: 'pw', eve: 'pw' };
      server = await startServer({ accounts, components: { [domain]: 's3cret' } });
      const owners = ['ada@localhost'];
      router = prepareRouter({
        componentPort: server.componentPort,
        domain,
        secret: 's3cret',
        pools: {
          jobs: { owners, workers: owners, delivery: { guarantee: 'at-least-once', ack: 'receipt' }, senders: ['*'] },
          closed: { workers: ['nobody@localhost'], senders: owners },
          ...others,
        },
        config: { access: { admins: ['boss@localhost'] } },
      });
      await router.start();
      const login = (user: string) =>
        connectForeign({ port: server.c2sPort, user, password: 'pw', resource: 'r', receipts: true });
      [boss, ada, eve] = await Promise.all([login('boss'), login('ada'), login('eve')]);
    });

    after(async () => {
      await Promise.all([boss?.end(), ada?.end(), eve?.end()]);
      await router?.remove();
      await server?.remove();
    });

    it('lists for everybody what he may give', async () => {
      const all = await boss.commands(domain);
      ok(all.includes('transfers.maintenance') && all.includes('queue.purge'), String(all));
      const own = await ada.commands(domain);
      ok(own.includes('queue.purge') && !own.includes('transfers.maintenance'), String(own));
      ok(!(await ada.commands(jobs)).includes('pools.list'));
      deepEqual(await ada.commands(`p00@${domain}`), []);
      deepEqual(await eve.commands(domain), []);
      deepEqual(await eve.commands(jobs), []);
    });

    it('answers at once what must be told nothing', async () => {
      const { stage } = await ada.execute(jobs, 'pools.show');
      equal(stage.status, 'completed');
      deepEqual([stage.forms[0]?.type, stage.forms[0]?.fields['guarantee']?.value], ['result', 'at-least-once']);
    });

    it('says which field is wrong, and takes the right one', async () => {
      ada.presence({ to: jobs });
      await ada.waitFor((stanza) => stanza.name === 'presence' && stanza.from === jobs, 'the pool’s presence');
      const weight = await ada.execute(jobs, 'workers.weight');
      deepEqual([weight.stage.status, weight.stage.actions], ['executing', ['complete']]);
      ok(weight.stage.forms[0]?.fields['weight']?.required);
      const wrong = await weight.go('complete', { worker: ada.jid, weight: 'heavy' });
      deepEqual(
        [wrong.status, wrong.notes],
        ['executing', [['error', 'Weight (weight): This is no whole number from 0 to 1000.']]],
      );
      equal(wrong.forms[0]?.fields['worker']?.value, ada.jid);
      const right = await weight.go('complete', { weight: '7' });
      deepEqual(
        [right.status, right.forms[1]?.items.map((item) => [item['worker'], item['weight']])],
        ['completed', [[ada.jid, '7']]],
      );
      ada.presence({ to: jobs, type: 'unavailable' });
    });

    it('asks before it destroys, and tells the senders', async () => {
      await until(
        async () => (await boss.execute(domain, 'workers.list')).stage,
        ({ forms }) => forms.length === 0,
      );
      for (const id of ['a', 'b']) boss.message({ to: jobs, id, body: id });
      await until(
        async () => (await ada.execute(jobs, 'queue.status')).stage,
        (stage) => rowOf(stage)?.['ready'] === '2',
      );
      const purge = await ada.execute(jobs, 'queue.purge');
      deepEqual(purge.stage.actions, ['next']);
      const sure = await purge.go('next', { state: 'ready' });
      match(sure.forms[0]?.instructions ?? '', /All of these messages are deleted\. State: ready/);
      equal((await purge.go('prev')).forms[0]?.fields['state']?.value, 'ready');
      await purge.go('next', { state: 'ready' });
      equal((await purge.go('complete', { confirm: false })).status, 'executing');
      const done = await purge.go('complete', { confirm: true });
      deepEqual([done.status, done.notes], ['completed', [['info', 'Deleted: 2.']]]);
      for (const id of ['a', 'b']) {
        const error = await boss.waitFor((stanza) => stanza.id === id, `the error about ${id}`);
        match(error.xml, /type="error".*<cancelled /);
      }
      equal(rowOf((await ada.execute(jobs, 'queue.status')).stage)?.['ready'], '0');
    });

    it('ends a command that is cancelled', async () => {
      const drain = await boss.execute(domain, 'workers.drain');
      equal((await drain.go('cancel')).status, 'canceled');
      equal((await drain.go('complete', { worker: 'x' })).error, 'not-allowed');
    });

    it('turns the pages of a long list', async () => {
      const list = await boss.execute(domain, 'pools.list');
      const first = list.stage;
      deepEqual([first.status, first.actions], ['executing', ['complete', 'next']]);
      deepEqual(
        first.forms.map(({ type, items }) => [type, items.length]),
        [
          ['form', 0],
          ['result', 50],
        ],
      );
      const rest = await list.go('next', {});
      deepEqual([rest.status, rest.forms[1]?.items.length], ['completed', 12]);
      const names = [...(first.forms[1]?.items ?? []), ...(rest.forms[1]?.items ?? [])].map((item) => item['pool']);
      equal(new Set(names).size, 62);
    });

    it('keeps an owner to what is his', async () => {
      const list = await ada.execute(domain, 'pools.list');
      deepEqual(
        list.stage.forms[1]?.items.map((item) => item['pool']),
        ['jobs'],
      );
      const answers = [];
      for (const pool of ['p00', 'none']) {
        const show = await ada.execute(domain, 'pools.show');
        answers.push((await show.go('complete', { pool })).notes);
      }
      deepEqual(answers[0], answers[1]);
      equal((await ada.execute(domain, 'transfers.list')).stage.error, 'forbidden');
      equal((await ada.execute(`p00@${domain}`, 'pools.show')).stage.error, 'forbidden');
    });

    it('refuses a stranger, and shows him nothing', async () => {
      equal((await eve.execute(domain, 'pools.list')).stage.error, 'forbidden');
      equal((await eve.execute(domain, 'no.such')).stage.error, 'item-not-found');
      equal((await eve.execute(jobs, 'pools.show')).stage.error, 'forbidden');
      for (const pool of ['closed', 'none'])
        equal((await eve.execute(`${pool}@${domain}`, 'pools.show')).stage.error, 'service-unavailable');
    });

    it('makes a pool, once its settings are right, and deletes it', async () => {
      const make = await boss.execute(domain, 'pools.create');
      const given = {
        name: 'made',
        workers: ['ada@localhost', 'eve@localhost'],
        guarantee: 'at-least-once',
        ttl: 'soon',
      };
      const wrong = await make.go('complete', given);
      equal(wrong.status, 'executing');
      match(JSON.stringify(wrong.notes), /^\[\["error","Life \(ttl\): /);
      equal((await make.go('complete', { ttl: '1h' })).status, 'completed');
      const { stage } = await boss.execute(`made@${domain}`, 'pools.show');
      deepEqual(
        [stage.forms[0]?.fields['guarantee']?.value, stage.forms[0]?.fields['origin']?.value],
        ['at-least-once', 'made'],
      );
      const remove = await boss.execute(`made@${domain}`, 'pools.delete');
      equal((await remove.go('next', {})).forms[0]?.fields['confirm']?.type, 'boolean');
      equal((await remove.go('complete', { confirm: true })).status, 'completed');
      equal((await boss.execute(`made@${domain}`, 'pools.show')).stage.error, 'service-unavailable');
    });

    it('reads the configuration again, and ends the router once one has said yes', async () => {
      equal((await boss.execute(domain, 'service.reload')).stage.status, 'completed');
      equal(await router.balance(), 0);
      const end = await boss.execute(domain, 'service.shutdown');
      deepEqual([end.stage.status, end.stage.actions], ['executing', ['complete']]);
      const done = await end.go('complete', { confirm: true });
      equal(done.status, 'completed');
      equal(await router.ended(), null);
    });
  });
}

const rowOf = ({ forms }: ForeignStage) => forms[1]?.items[0];

/** Asks until it is as `wanted`. */
async function until(ask: () => Promise<ForeignStage>, wanted: (stage: ForeignStage) => boolean): Promise<void> {
  const deadline = Date.now() + patience;
  for (;;) {
    const stage = await ask();
    if (wanted(stage)) return;
    if (Date.now() > deadline) throw new Error(`it stays ${JSON.stringify(stage)}`);
    await sleep(50);
  }
}
