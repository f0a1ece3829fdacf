import { equal, match } from 'node:assert/strict';
import type { Element } from '@xmpp/client';
import type { Browser } from 'playwright-core';
import { ConsolePage, chromiumMissing, eventually, patience, startBrowser } from '../support/clients/browser.ts';
import { connectClient, type TestClient } from '../support/clients/xmpp-client.ts';
import { freePorts } from '../support/free-ports.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';

const domain = 'pools.localhost';
const token = 'a-token-for-the-tests';
/** What a browser would run, were it not taken for text. */
const hostile = '<img src=x onerror=alert(1)>';
const escaped = hostile.replaceAll('<', '&lt;').replaceAll('>', '&gt;');

describe('the console on a router that works', function () {
  this.timeout(120_000);
  let browser: Browser;
  let server: XmppServer;
  let router: RouterProcess;
  let sender: TestClient;
  let worker: TestClient;
  let console: ConsolePage;
  let origin: string;

  before(async function () {
    const reason = prosodyMissing() ?? chromiumMissing();
    if (reason !== undefined) skip(this, reason);
    const [port = 0] = await freePorts(1);
    origin = `http://127.0.0.1:${port}`;
    [browser, server] = await Promise.all([
      startBrowser(),
      startProsody({ accounts: { sensor: 'pw', worker: 'pw' }, components: { [domain]: 's3cret' } }),
    ]);
    const delivery = { guarantee: 'at-least-once', ack: 'receipt', capacity: 10 };
    const hasty = { ...delivery, ackTimeout: '1s', maxAttempts: 1 };
    const workers = ['worker@localhost'];
    router = prepareRouter({
      componentPort: server.componentPort,
      domain,
      secret: 's3cret',
      built: true,
      pools: {
        jobs: { name: `Jobs ${hostile}`, workers, delivery },
        hasty: { workers, delivery: hasty },
        mail: { workers, senders: ['sensor@localhost'] },
      },
      config: { http: { listen: `127.0.0.1:${port}`, token } },
    });
    await router.start();
    const login = (user: string, resource: string) =>
      connectClient({ port: server.c2sPort, user, password: 'pw', resource });
    [sender, worker] = await Promise.all([login('sensor', 'r'), login('worker', hostile)]);
    console = await ConsolePage.open(browser, origin, { path: '/' });
  });

  after(async () => {
    await browser?.close();
    await Promise.all([sender?.end(), worker?.end()]);
    await router?.remove();
    await server?.remove();
  });

  const post = (id: string, pool = 'jobs', body = id) =>
    sender.send(`<message to='${pool}@${domain}' type='chat' id='${id}'><body>${body}</body></message>`);
  const got = (id: string) => worker.waitFor((stanza) => bodyOf(stanza) === id, `message ${id}`, patience);
  const receipt = ({ attrs }: Element) =>
    worker.send(
      `<message to='${attrs['from']}' type='chat'><received xmlns='urn:xmpp:receipts' id='${attrs['id']}'/></message>`,
    );
  const join = (pool: string) => worker.send(`<presence to='${pool}@${domain}'/>`);
  /** The number under this name at the top of the page. */
  const tile = (name: string) =>
    console.page.locator('.tile').filter({ hasText: name }).locator('.tile-value').textContent();
  const confirm = (name: string) => console.page.getByRole('dialog').getByRole('button', { name, exact: true }).click();

  it('shows without a token, and changes nothing', async () => {
    const { page } = console;
    await console.see('Live', 'header');
    await console.see(domain, 'header');
    await eventually('every pool is there', async () => (await page.getByRole('row').count()) === 4);
    await console.go('#/pools/jobs');
    await console.see('No worker is in this pool.');
    equal(await page.getByRole('combobox', { name: 'Algorithm' }).isDisabled(), true);
    await page.getByRole('tab', { name: /^Queue/ }).click();
    await console.see('Messages are private.');
    await console.go('#/commands/service.shutdown');
    equal(await page.locator('.panel button[type=submit]').isDisabled(), true);
  });

  it('takes the right token, and says what is wrong with another', async () => {
    await console.button('Read only').click();
    await console.page.getByRole('textbox', { name: 'Token' }).fill('wrong');
    await console.button('Unlock').click();
    await console.see('The token is not this.', 'dialog');
    await console.button('Close').click();
    await console.unlock(token);
    equal(await console.page.evaluate('sessionStorage.length + localStorage.length'), 0);
  });

  it('shows at once what comes, and says why it waits', async () => {
    await console.go('#/pools');
    for (const id of ['a', 'b', 'c']) await post(id, 'jobs', id === 'a' ? escaped : id);
    const jobs = console.row('jobs');
    await jobs.getByText('No worker is in the pool').waitFor();
    const waiting = async () => (await jobs.locator('[data-label=Waiting]').textContent())?.trim();
    await eventually('three wait', async () => (await waiting()) === '3');
    await console.button(/^Stalled/).click();
    await eventually('no other is shown', async () => (await console.page.getByRole('row').count()) === 2);
    await console.page.getByRole('link', { name: 'jobs', exact: true }).click();
    await console.see(/No worker is in the pool/, '.stall-line');
    await eventually('three wait in the pool', async () => (await tile('Waiting')) === '3');
    await console.see(`Jobs ${hostile}`, 'h1');
  });

  it('shows a message as the text that it is, and takes one out of the queue', async () => {
    await console.page.getByRole('tab', { name: 'Queue 3' }).click();
    await console
      .button(/^Inspect/)
      .first()
      .click();
    await console.see(escaped, 'dialog .content');
    await console.see('sensor@localhost/r', 'dialog');
    await console.button('Close').click();
    await console.page
      .getByRole('checkbox', { name: /^Choose (?!all)/ })
      .first()
      .check();
    await console.button('Cancel 1 …').click();
    await confirm('Cancel them');
    const bounced = await sender.waitFor(({ attrs }) => attrs['id'] === 'a', 'the error', patience);
    match(bounced.toString(), /type="error".*<cancelled /);
    await console.see('Cancelled: 1 of 1.', '.notices');
    await console.page.getByRole('tab', { name: 'Queue 2' }).waitFor();
  });

  it('shows a worker that joins, with a name that is text, and what it gets', async () => {
    await console.page.getByRole('tab', { name: 'Workers 0' }).click();
    await join('jobs');
    await console.see(`worker@localhost/${hostile}`, '.workers');
    await receipt(await got('b'));
    await receipt(await got('c'));
    await console.page.getByRole('tab', { name: 'Queue 0' }).waitFor();
    await console.page.getByRole('tab', { name: 'Shares' }).click();
    await console.see(/2 messages went to 1 worker/);
    await console.page.getByRole('tab', { name: 'Explain' }).click();
    await console.see(/The next message goes to worker@localhost/);
  });

  it('steers a worker', async () => {
    await console.page.getByRole('tab', { name: 'Workers 1' }).click();
    await console.button(/^Steer/).click();
    const state = (text: string) => console.page.locator('dialog .badge').getByText(text, { exact: true }).waitFor();
    // What a command has changed is read at once, whatever the pace of the stream.
    const again = console.page.waitForRequest(/\/v1\/commands\/workers\.list/);
    for (const [verb, then] of [
      ['Drain', 'drained'],
      ['Resume', 'works'],
      ['Suspend', 'suspended'],
    ] as const) {
      await console.button(verb).click();
      await state(then);
    }
    await again;
    await console.page.getByRole('spinbutton', { name: 'Weight' }).fill('7');
    await console.button('Set weight').click();
    await console.button('Close').click();
    await console.page.getByRole('tab', { name: 'Settings' }).click();
    const order = console.page.locator('table.orders').getByRole('row').last();
    await order.getByText('suspended').waitFor();
    await order.getByText('7').waitFor();
    await order.getByRole('button').click();
    await order.getByText('suspended').waitFor({ state: 'detached' });
    await console.page.getByRole('tab', { name: 'Workers 1' }).click();
    await console.button(/^Steer/).click();
    await console.button('Eject …').click();
    await confirm('Eject');
    await worker.waitFor(({ attrs }) => attrs['type'] === 'unavailable', 'that it was ejected', patience);
    await console.see('No worker is in this pool.');
  });

  it('sets the algorithm to one that the pool offers', async () => {
    const choice = console.page.getByRole('combobox', { name: 'Algorithm' });
    await choice.selectOption('leastbusy');
    await console.see(/leastbusy/, '.notices');
    await eventually('the algorithm is another', async () => (await choice.inputValue()) === 'leastbusy');
  });

  it('redrives dead letters, and deletes them', async () => {
    await console.go('#/pools/hasty/dead');
    await console.see('No dead letters.');
    await join('hasty');
    for (const id of ['d', 'e']) await post(id, 'hasty');
    await Promise.all([got('d'), got('e')]);
    await console.row('max-attempts').waitFor();
    await console.page.getByRole('tab', { name: 'Dead letters 2' }).waitFor();
    await console.page
      .getByRole('checkbox', { name: /^Choose (?!all)/ })
      .first()
      .check();
    await console.button('Redrive 1 …').click();
    await confirm('Redrive');
    await receipt(await worker.waitFor((stanza) => /^[de]$/.test(bodyOf(stanza) ?? ''), 'it again', patience));
    await console.page.getByRole('tab', { name: 'Dead letters 1' }).waitFor();
    await console.button('Delete all dead letters …').click();
    await confirm('Delete');
    await console.page.getByRole('tab', { name: 'Dead letters 0' }).waitFor();
    await console.see('No dead letters.');
  });

  it('gives any command by a form, and shows what is wrong at its field', async () => {
    await console.go('#/commands/transfers.maintenance');
    const { page } = console;
    await page.getByLabel('To').fill('not a server');
    await page.locator('.panel button[type=submit]').click();
    await console.see(/This is no server/, '.field-help');
    equal(await page.getByLabel('To').getAttribute('aria-invalid'), 'true');
    await page.getByLabel('To').fill('other.example');
    await page.getByRole('combobox', { name: 'Pool' }).selectOption('hasty');
    await page.locator('.panel button[type=submit]').click();
    await console.see('Done', '.answer');
    await console.go('#/transfers');
    await page.getByRole('link', { name: '1', exact: true }).click();
    await console.see('Run 1', 'h2');
    await console.see(/worker@localhost/, '.moves');
  });

  it('asks before it destroys, and empties a queue', async () => {
    await post('f', 'jobs');
    await console.go('#/pools/jobs/queue');
    await console.page.getByRole('tab', { name: 'Queue 1' }).waitFor();
    await console.button('Empty the queue …').click();
    await confirm('Keep it');
    await console.page.getByRole('tab', { name: 'Queue 1' }).waitFor();
    await console.button('Empty the queue …').click();
    await confirm('Delete');
    await sender.waitFor(({ attrs }) => attrs['id'] === 'f', 'the error', patience);
    await console.page.getByRole('tab', { name: 'Queue 0' }).waitFor();
  });

  it('shows the router, and announces', async () => {
    await console.go('#/router');
    await console.see(/^up for/);
    await console.see('sqlite');
    await console.page.getByRole('link', { name: /announce/i }).click();
    await console.page.getByLabel(/^Text/).fill(hostile);
    await console.page.locator('.panel button[type=submit]').click();
    const announced = await worker.waitFor((stanza) => bodyOf(stanza) === hostile, 'the announcement', patience);
    equal(announced.attrs['type'], 'headline');
  });

  it('forgets the token when it is told to', async () => {
    await console.button('Operator').click();
    await console.button('Forget the token').click();
    await console.button('Read only').waitFor();
  });

  it('did nothing that it must not', async () => {
    equal(await console.page.locator('img').count(), 0);
    await console.close();
    equal(await router.balance(), 0);
  });
});

function bodyOf(stanza: Element): string | undefined {
  return stanza.name === 'message' ? (stanza.getChildText('body') ?? undefined) : undefined;
}
