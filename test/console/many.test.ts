import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { ConsolePage, chromiumMissing, eventually, patience, startBrowser } from '../support/clients/browser.ts';
import { freePorts } from '../support/free-ports.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { StormServer } from '../support/servers/storm-server.ts';
import { skip } from '../support/skip.ts';

const domain = 'pools.example';
const token = 'a-token-for-the-tests';
const workerCount = 5_000;
const poolCount = 200;
const longName = `${'a-very-long-name-of-a-pool-'.repeat(6)}end`;
const names = ['jobs', longName, ...Array.from({ length: poolCount - 2 }, (_, index) => `pool${index}`)];

/** The state of a router with much in it, seen by whoever sees, hears or types. */
describe(`the console with ${poolCount} pools and ${workerCount} workers`, function () {
  this.timeout(120_000);
  let browser: Browser;
  let server: StormServer;
  let router: RouterProcess;
  let origin: string;

  before(async function () {
    const reason = chromiumMissing();
    if (reason !== undefined) skip(this, reason);
    const [port = 0] = await freePorts(1);
    origin = `http://127.0.0.1:${port}`;
    [browser, server] = await Promise.all([startBrowser(), StormServer.start(domain, 's3cret')]);
    router = prepareRouter({
      componentPort: server.port,
      domain,
      secret: 's3cret',
      built: true,
      pools: Object.fromEntries(names.map((name) => [name, { workers: ['*'] }])),
      config: { http: { listen: `127.0.0.1:${port}`, token }, log: { level: 'info', format: 'json' } },
    });
    await router.start();
    const joins = Array.from({ length: workerCount }, (_, index) => {
      const account = index === 3_210 ? `${'long'.repeat(40)}@${'far.'.repeat(20)}example` : `w${index}@node.example`;
      return `<presence from='${account}/r' to='jobs@${domain}'><priority>${index % 5}</priority></presence>`;
    });
    let joined = 0;
    await new Promise<void>((resolve) => {
      server.take = ({ name, type }) => {
        if (name === 'presence' && type === undefined) joined += 1;
        if (joined === workerCount) resolve();
      };
      server.send(joins);
    });
  });

  after(async () => {
    await browser?.close();
    await router?.remove();
    server?.stop();
  });

  it('finds one pool among many, and puts them in order', async () => {
    const console = await ConsolePage.open(browser, origin);
    const { page } = console;
    const rows = page.locator('table.pools tbody tr');
    await eventually('all pools are there', async () => (await rows.count()) === poolCount);
    await page.keyboard.press('/');
    await page.keyboard.type('pool19');
    await eventually('those found are there', async () => (await rows.count()) === 9);
    await console.see('9 of 200 pools');
    await page.getByRole('searchbox').fill('');
    await console.button('Workers').click();
    const order = page.getByRole('columnheader', { name: 'Workers' });
    await eventually('the order is shown', async () => (await order.getAttribute('aria-sort')) === 'descending');
    await eventually(
      'most workers come first',
      async () => (await rows.first().textContent())?.startsWith('jobs') === true,
    );
    await console.button(/^Nobody can work/).click();
    await console.see(`${poolCount - 1} of ${poolCount} pools`);
    await console.close();
  });

  it('draws the workers that are in sight, and finds any', async () => {
    const console = await ConsolePage.open(browser, origin, { path: '/console/#/pools/jobs' });
    const { page } = console;
    await console.see('5,000 workers');
    await eventually('all are read', async () => (await page.getByText('reading the others').count()) === 0);
    const rows = page.locator('table.workers tbody tr:not(.gap)');
    ok((await rows.count()) < 60, `${await rows.count()} rows are drawn`);
    const table = page.getByRole('table');
    const counted = String(workerCount + 1);
    await eventually('all are counted', async () => (await table.getAttribute('aria-rowcount')) === counted);
    const frame = page.getByRole('region', { name: 'Workers of jobs' });
    await frame.focus();
    await page.keyboard.press('End');
    await page.getByText('w4999@node.example/r').waitFor();
    ok((await rows.count()) < 60);
    await page.keyboard.press('Home');
    await page.getByText('w0@node.example/r').waitFor();
    await page.getByRole('searchbox').fill('w4321@');
    await console.see('1 of 5,000 workers');
    equal(await rows.count(), 1);
    await page.getByRole('tab', { name: 'Shares' }).click();
    await console.see(/No message was given to anybody yet/);
    await console.close();
  });

  it('is used with the keyboard alone', async () => {
    const console = await ConsolePage.open(browser, origin);
    const { page } = console;
    await page.locator('table.pools').waitFor();
    const focused = (): Promise<string> => page.evaluate('document.activeElement.textContent.trim()');
    const focuses = (text: string) => eventually(`${text} has the focus`, async () => (await focused()) === text);
    const press = async (key: string, until: RegExp): Promise<void> => {
      for (let presses = 0; !until.test(await focused()); presses += 1) {
        if (presses > 60) throw new Error(`${key} does not lead to ${until}, but to ${await focused()}`);
        await page.keyboard.press(key);
      }
    };
    await page.keyboard.press('Tab');
    await focuses('Skip to the content');
    equal(await page.evaluate("getComputedStyle(document.activeElement).outlineStyle !== 'none'"), true);
    await press('Tab', /^Read only$/);
    await page.keyboard.press('Enter');
    await eventually('the field for the token has the focus', () =>
      page.evaluate("document.activeElement.matches('dialog input[type=password]')"),
    );
    await page.keyboard.type(token);
    await page.keyboard.press('Enter');
    await console.button('Operator').waitFor();
    await focuses('Operator');
    await page.keyboard.press('/');
    await page.keyboard.type('jobs');
    await press('Tab', /^jobs$/);
    await page.keyboard.press('Enter');
    await console.see('jobs', 'h1');
    await press('Tab', /^Workers 5,000$/);
    await page.keyboard.press('ArrowRight');
    await console.see(/No message was given to anybody yet/);
    await focuses('Shares');
    await page.keyboard.press('ArrowLeft');
    await press('Tab', /^Steer$/);
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press('Tab');
      ok(
        await page.evaluate(
          "document.activeElement === document.body || document.activeElement.closest('dialog') !== null",
        ),
      );
    }
    await press('Tab', /^Drain$/);
    await page.keyboard.press('Space');
    await page.locator('dialog .badge').getByText('drained').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await focuses('Steer');
    await console.close();
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`has names, labels and contrast, ${colorScheme}`, async () => {
      const console = await ConsolePage.open(browser, origin, { colorScheme, reducedMotion: 'reduce' });
      const { page } = console;
      await console.unlock(token);
      equal(await page.evaluate('document.documentElement.dataset.theme'), colorScheme);
      equal(await page.evaluate("getComputedStyle(document.querySelector('button')).transitionDuration"), '0s');
      const seen: readonly (readonly [hash: string, selector: string])[] = [
        ['#/pools', 'table.pools'],
        ['#/pools/pool1', '.empty'],
        ['#/pools/jobs', 'table.workers'],
        ['#/pools/jobs/explain', 'table.chances'],
        ['#/pools/jobs/settings', '.facts'],
        ['#/transfers', 'h1'],
        ['#/commands/transfers.maintenance', '.panel'],
        ['#/router', '.facts'],
      ];
      for (const [hash, selector] of seen) {
        await console.go(hash);
        await page.locator(selector).first().waitFor();
        deepEqual(await console.faults(), [], hash);
      }
      await console.go('#/pools/jobs');
      await console
        .button(/^Steer/)
        .first()
        .click();
      deepEqual(await console.faults(), [], 'a worker');
      await console.close();
    });
  }

  it('takes another theme than the system, and keeps it', async () => {
    const console = await ConsolePage.open(browser, origin, { colorScheme: 'light' });
    const { page } = console;
    await page.getByRole('combobox', { name: 'Theme' }).selectOption('dark');
    const is = (theme: string) =>
      eventually(
        `the page is ${theme}`,
        async () => (await page.evaluate('document.documentElement.dataset.theme')) === theme,
      );
    await is('dark');
    await page.reload();
    await is('dark');
    await page.getByRole('combobox', { name: 'Theme' }).selectOption('system');
    await is('light');
    await page.emulateMedia({ colorScheme: 'dark' });
    await is('dark');
    await console.close();
  });

  it('fits into a narrow window', async () => {
    const console = await ConsolePage.open(browser, origin, { viewport: { width: 360, height: 740 } });
    const { page } = console;
    const wide = (): Promise<number> =>
      page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    for (const hash of [
      '#/pools',
      `#/pools/${longName}`,
      '#/pools/jobs',
      '#/pools/jobs/explain',
      '#/commands',
      '#/router',
    ]) {
      await console.go(hash);
      await page.locator('main').getByRole('heading').first().waitFor({ state: 'attached', timeout: patience });
      equal(await wide(), 0, hash);
    }
    await console.close();
  });
});
