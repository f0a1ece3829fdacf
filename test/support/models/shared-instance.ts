import { writeFileSync } from 'node:fs';
import { PassThrough } from 'node:stream';
import { loadAgain } from '../../../src/app/load.ts';
import { AppDesk } from '../../../src/app/process/service-desk.ts';
import { MadeBook } from '../../../src/app/reload/made-book.ts';
import { PoolMaker } from '../../../src/app/reload/pool-maker.ts';
import { Reloads } from '../../../src/app/reload/reloads.ts';
import { SharedRun } from '../../../src/app/standby/shared-run.ts';
import type { Caller, CommandEnd } from '../../../src/core/commands/command.ts';
import { createLog } from '../../../src/telemetry/log.ts';
import { until } from '../until.ts';
import type { MemoryDatabase } from './memory-database.ts';

const admin: Caller = { role: 'admin', name: 'test' };

/** One of several instances in this process, on a database in this process. */
export class SharedInstance {
  readonly run: SharedRun;
  readonly reloads: Reloads;
  readonly #file: string;
  readonly lines: Readonly<Record<string, unknown>>[] = [];

  /** @param file Where its configuration is written. */
  constructor(file: string, config: object, database: MemoryDatabase) {
    this.#file = file;
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    const request = { file, settings: [] };
    const loaded = loadAgain(request);
    const stream = new PassThrough();
    stream.on('data', (chunk: Buffer) => {
      for (const line of String(chunk).trim().split('\n')) this.lines.push(JSON.parse(line));
    });
    const log = createLog({ level: 'debug', format: 'json', component: 'd', version: '1', secrets: [], stream });
    const book = new MadeBook();
    this.reloads = new Reloads(request, loaded, book, log);
    const house = {
      reload: () => this.reloads.ask(),
      shutdown: () => undefined,
      stepDown: () => this.run.stepDown(),
    };
    const desk = new AppDesk(house, new PoolMaker(book, this.reloads));
    const listeners = { log, desk, manager: { beat: () => undefined } };
    const rebase = (whole: typeof loaded): void => this.reloads.rebase(whole);
    this.run = new SharedRun(loaded, database, { listeners, book, rebase });
  }

  async start(): Promise<void> {
    await this.run.start();
    this.reloads.begin(this.run);
  }

  /** Codes of why it is not ready. */
  get reasons(): readonly string[] {
    return this.run.unready().map(({ code }) => code);
  }

  async ready(): Promise<void> {
    await until(
      () => this.reasons.length === 0,
      () => `ready: ${JSON.stringify(this.run.unready())}`,
    );
  }

  async standsBy(): Promise<void> {
    await until(
      () => this.reasons.join() === 'standby',
      () => `standing by: ${JSON.stringify(this.run.unready())}`,
    );
  }

  async command(name: string, given: Readonly<Record<string, unknown>> = {}): Promise<CommandEnd> {
    const result = this.run.perform(name, admin, given);
    return 'later' in result ? result.later : result;
  }

  /** Waits until it has seen that another is alive. */
  async knowsOthers(): Promise<void> {
    await until(() => this.run.instance().others.length > 0, 'another is alive');
  }

  /** Reads another configuration, as SIGHUP does. */
  reload(config: object): CommandEnd {
    writeFileSync(this.#file, JSON.stringify(config), { mode: 0o600 });
    return this.reloads.ask();
  }

  /** What it said of its role. */
  get roles(): readonly string[] {
    return this.lines.filter(({ event }) => event === 'role').map(({ msg }) => String(msg));
  }
}
