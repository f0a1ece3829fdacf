import { equal, match } from 'node:assert/strict';
import type { Browser, Request } from 'playwright-core';
import { ConsolePage, chromiumMissing, eventually, startBrowser } from '../support/clients/browser.ts';
import { freePorts } from '../support/free-ports.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { StormServer } from '../support/servers/storm-server.ts';
import { skip } from '../support/skip.ts';

const domain = 'pools.example';
const token = 'a-token-for-the-tests';

describe('the console and its connection', function () {
  this.timeout(120_000);
  let browser: Browser;
  let server: StormServer;
  let router: RouterProcess;
  let console: ConsolePage;
  let origin: string;
  let listen: string;
  /** Streams that the page has open. */
  const open = new Set<Request>();

  before(async function () {
    const reason = chromiumMissing();
    if (reason !== undefined) skip(this, reason);
    const [port = 0] = await freePorts(1);
    listen = `127.0.0.1:${port}`;
    origin = `http://${listen}`;
    [browser, server] = await Promise.all([startBrowser(), StormServer.start(domain, 's3cret')]);
    await startRouter({});
    console = await ConsolePage.open(browser, origin, { path: '/console/#/pools/jobs' });
    const { page } = console;
    page.on('request', (request) => request.url().includes('/v1/watch/') && open.add(request));
    page.on('requestfailed', (request) => open.delete(request));
    page.on('requestfinished', (request) => open.delete(request));
  });

  after(async () => {
    await browser?.close();
    await router?.remove();
    server?.stop();
  });

  /** Starts a router of its own in the place of the last one. */
  async function startRouter(http: Readonly<Record<string, unknown>>): Promise<void> {
    await router?.remove();
    router = prepareRouter({
      componentPort: server.port,
      domain,
      secret: 's3cret',
      built: true,
      pools: { jobs: { workers: ['*'] } },
      config: { http: { listen, token, ...http } },
    });
    await router.start();
  }

  const phase = () => console.page.locator('[data-phase]').getAttribute('data-phase');
  const comes = (wanted: string) => eventually(`the connection is ${wanted}`, async () => (await phase()) === wanted);

  it('shows a lost connection at once, with what was there before', async () => {
    await comes('live');
    await router.kill9();
    await console.see(/Connection lost at/, '.banner');
    await comes('lost');
    match((await console.page.locator('.banner').textContent()) ?? '', /does not answer.*how it was then/);
    await console.see('jobs', 'h1');
    equal(await console.page.locator('[role=status][data-phase]').textContent(), 'Connection lost');
  });

  it('comes back by itself, without being loaded again, and counts anew', async () => {
    await console.page.evaluate('window.before = true');
    await router.start();
    await comes('live');
    await console.page.locator('.banner').waitFor({ state: 'detached' });
    equal(await console.page.evaluate('window.before'), true);
    await console.see('No worker is in this pool.');
  });

  it('says why the router is not ready', async () => {
    server.stop();
    await console.see('The router is not ready.', '.banner');
    await console.go('#/router');
    await console.see(/^down/);
  });

  it('asks for the token where nothing may be read without', async () => {
    server = await StormServer.start(domain, 's3cret');
    await startRouter({ read: 'token' });
    await console.see('The router wants a token.', '.banner');
    await console.button('Give the token').click();
    await console.page.getByRole('textbox', { name: 'Token' }).fill(token);
    await console.page.getByRole('checkbox', { name: /Keep it/ }).check();
    await console.button('Unlock').click();
    await comes('live');
    await console.page.reload();
    await comes('live');
    await console.button('Operator').waitFor();
  });

  it('asks for another when the token is not the right one any more', async () => {
    await startRouter({ read: 'token', token: 'quite-another-token' });
    await console.see('The router wants a token.', '.banner');
    await console.button('Read only').click();
    await console.button('Forget the token').click();
    equal(await console.page.evaluate('sessionStorage.length'), 0);
    await console.page.getByRole('textbox', { name: 'Token' }).fill('quite-another-token');
    await console.button('Unlock').click();
    await comes('live');
  });

  it('says that the router is another version than the page', async () => {
    await console.page.route('**/v1/session', async (route) => {
      const response = await route.fetch();
      const session: unknown = await response.json();
      await route.fulfill({ response, json: Object.assign({}, session, { version: '9.9.9' }) });
    });
    await startRouter({ read: 'token', token: 'quite-another-token' });
    await console.see('The router is version 9.9.9 now.', '.banner');
    await console.page.unroute('**/v1/session');
  });

  it('says how a token is set where there is none', async () => {
    await startRouter({ token: undefined });
    await comes('live');
    await console.button('Read only').click();
    await console.page.getByRole('textbox', { name: 'Token' }).fill('any');
    await console.button('Unlock').click();
    await console.see(/Set http.token or http.tokenFile/, 'dialog');
    await console.button('Close').click();
  });

  it('rests while nobody sees it, and is live when it is seen', async () => {
    await console.page.clock.install();
    await hide(true);
    await console.page.clock.fastForward(30_000);
    await eventually('its streams are closed', () => Promise.resolve(open.size === 0));
    await hide(false);
    await comes('live');
    await eventually('a stream is open', () => Promise.resolve(open.size > 0));
  });

  it('did nothing that it must not', async () => {
    await console.close();
  });

  async function hide(hidden: boolean): Promise<void> {
    await console.page.evaluate(
      `Object.defineProperty(document, 'visibilityState', { configurable: true, value: '${hidden ? 'hidden' : 'visible'}' });
       document.dispatchEvent(new Event('visibilitychange'))`,
    );
  }
});
