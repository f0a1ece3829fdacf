import { equal, match, ok } from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { ConsolePage, chromiumMissing, eventually, startBrowser } from '../support/clients/browser.ts';
import { MemoryCluster } from '../support/models/memory-database.ts';
import { SharedInstance } from '../support/models/shared-instance.ts';
import { StormServer } from '../support/servers/storm-server.ts';
import { skip } from '../support/skip.ts';

const domain = 'pools.example';
const token = 'a-token-for-the-tests';

describe('the console of one of two instances', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-console-'));
  const cluster = new MemoryCluster();
  let browser: Browser;
  let server: StormServer;
  let alpha: SharedInstance;
  let beta: SharedInstance;
  let console: ConsolePage;

  const config = (name: string) => ({
    component: { service: `xmpp://127.0.0.1:${server.port}`, domain, secret: 's3cret' },
    store: { driver: 'memory' },
    standby: { lease: '20s', name },
    http: { listen: '127.0.0.1:0', token },
    pools: { jobs: { workers: ['*'] } },
  });

  const start = async (name: string): Promise<SharedInstance> => {
    const instance = new SharedInstance(join(folder, `${name}.json`), config(name), cluster.connect(name));
    await instance.start();
    return instance;
  };

  before(async function () {
    const reason = chromiumMissing();
    if (reason !== undefined) skip(this, reason);
    [browser, server] = await Promise.all([startBrowser(), StormServer.start(domain, 's3cret')]);
    alpha = await start('alpha');
    await alpha.ready();
    beta = await start('beta');
    await beta.standsBy();
    console = await ConsolePage.open(browser, `http://${beta.run.http}`, { path: '/console/#/pools' });
  });

  after(async () => {
    await browser?.close();
    await beta?.run.stop();
    await alpha?.run.stop();
    server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const role = () => console.page.locator('[data-role]').textContent();

  it('shows that it stands by, who is active, and how old that view is', async () => {
    await console.see(/The pools are shown by the active one, alpha\./);
    equal(await role(), 'Standby');
    await console.see('Not the active instance.', '.banner');
    match(
      (await console.page.locator('.banner').first().textContent()) ?? '',
      /alpha .*is active \(epoch 1\), as of \d/,
    );
    await console.go('#/router');
    await console.see(/^beta \(/);
    await console.see(/^stands by for /);
    await console.see(/^alpha \(.*\), active$/);
    await console.see(/^\d+\.\d s$/);
  });

  it('does there what is of the process alone, and says of the rest where it is done', async () => {
    await console.unlock(token);
    await console.go('#/commands/pools.create');
    await console.see('This command is for the active instance: this one stands by.');
    ok(await console.page.locator('.panel button[type=submit]').isDisabled());
    await console.go('#/commands/service.reload');
    await console.see('Read the configuration again', '#command-title');
    const button = console.page.locator('.panel button[type=submit]');
    await eventually('it may be reloaded', () => button.isEnabled());
    await button.click();
    await console.see(/nothing has changed/);
  });

  it('warns of another configuration, until it is the same', async () => {
    const more = { ...config('alpha'), pools: { jobs: { workers: ['*'] }, night: { workers: ['*'] } } };
    ok('done' in alpha.reload(more));
    await console.see('Instances are configured differently.', '.banner');
    await console.see('alpha: pools.night (not in this instance)', '.banner');
    ok('done' in alpha.reload(config('alpha')));
    await console.page.getByText('Instances are configured differently.').waitFor({ state: 'detached' });
  });

  it('shows the pools once it is the active one, without being loaded again', async () => {
    await console.go('#/pools');
    await alpha.knowsOthers();
    ok('done' in (await alpha.command('service.step-down')));
    await console.see('jobs', 'table');
    await eventually('it shows that it is active', async () => (await role()) === 'Active');
    await console.page.getByText('Not the active instance.').waitFor({ state: 'detached' });
  });

  it('did nothing that it must not', async () => {
    await console.close();
  });
});
