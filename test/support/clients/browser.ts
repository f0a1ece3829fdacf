import { deepEqual } from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import axe from 'axe-core';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { findProgram } from '../servers/daemon.ts';

/** Milliseconds that a page may take to show something: machines of CI are slow. */
export const patience = 30_000;

/** Why no browser can be started here, or `undefined`. */
export function chromiumMissing(): string | undefined {
  return findProgram('chromium') === undefined ? 'chromium is not installed' : undefined;
}

/** Debian's Chromium without a window. */
export async function startBrowser(): Promise<Browser> {
  // Its sandbox refuses to run as root.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: findProgram('chromium') ?? 'chromium', args });
}

/** The console in a page of its own, which remembers what must not have happened. */
export class ConsolePage {
  readonly page: Page;
  /** Errors of scripts, refusals of the content security policy, dialogs, requests to elsewhere. */
  readonly wrong: string[] = [];

  private constructor(page: Page) {
    this.page = page;
  }

  /** @param origin Such as `http://127.0.0.1:8600`. */
  static async open(
    browser: Browser,
    origin: string,
    options: BrowserContextOptions & { readonly path?: string } = {},
  ): Promise<ConsolePage> {
    const { path = '/console/', ...context } = options;
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...context });
    page.setDefaultTimeout(patience);
    const opened = new ConsolePage(page);
    page.on('pageerror', (error) => opened.wrong.push(error.message));
    page.on('console', (message) => {
      // Chromium logs every answer that is no success, and every connection that is lost.
      const ordinary = message.text().startsWith('Failed to load resource');
      if (message.type() === 'error' && !ordinary) opened.wrong.push(message.text());
    });
    page.on('dialog', (dialog) => {
      opened.wrong.push(`a dialog says ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(`${origin}/`) && !url.startsWith('data:')) opened.wrong.push(`a request to ${url}`);
    });
    await page.goto(origin + path);
    return opened;
  }

  /** Gives the token as one does by hand. */
  async unlock(token: string): Promise<void> {
    const { page } = this;
    await page.getByRole('button', { name: 'Read only' }).click();
    await page.getByRole('textbox', { name: 'Token' }).fill(token);
    await page.getByRole('button', { name: 'Unlock' }).click();
    await page.getByRole('button', { name: 'Operator' }).waitFor();
  }

  /** Goes to a place such as `#/pools/jobs`, as a link does. */
  async go(hash: string): Promise<void> {
    await this.page.evaluate(`location.hash = ${JSON.stringify(hash)}`);
  }

  /** Waits for a text, anywhere or within what a selector finds. */
  async see(text: string | RegExp, within = 'body'): Promise<void> {
    await this.page.locator(within).getByText(text).first().waitFor();
  }

  button(name: string | RegExp) {
    return this.page.getByRole('button', { name, ...(typeof name === 'string' ? { exact: true } : {}) });
  }

  /** The row of a table that holds this text. */
  row(text: string | RegExp) {
    return this.page.getByRole('row').filter({ hasText: text }).first();
  }

  /** What axe finds wrong with the page as it is now, in short; of long tables the first rows, the others are made alike. */
  async faults(): Promise<readonly string[]> {
    await this.page.evaluate(axe.source);
    const found: { violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] } =
      await this.page.evaluate('axe.run({ exclude: ["tbody tr:nth-child(n + 13)"] }, { resultTypes: ["violations"] })');
    return found.violations.flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary ?? ''}`),
    );
  }

  /** Closes the page; nothing may have gone wrong in it. */
  async close(): Promise<void> {
    await this.page.close();
    deepEqual(this.wrong, []);
  }
}

/** Waits until something is so. */
export async function eventually(what: string, is: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patience;
  while (!(await is())) {
    if (Date.now() > deadline) throw new Error(`it does not come to be: ${what}`);
    await sleep(50);
  }
}
