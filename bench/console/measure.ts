import { inFlight } from '../cell.ts';
import { type Child, withChild } from '../child.ts';
import { type MockClient, withMock } from '../mock/client.ts';
import type { PhaseResult } from '../mock/protocol.ts';
import { senderHost, workerHost } from '../scene.ts';
import { cpuSeconds } from '../usage.ts';
import { prepareRouter, type RouterLaunch } from '../variants/router.ts';
import { Consoles } from './consoles.ts';
import type { House } from './houses.ts';

/** Bounds on the parts of a measurement, in seconds. */
const startSeconds = 60;
const loadSeconds = 1_200;

/** What the router did in one timed phase. */
export interface Side {
  readonly perSecond: number;
  /** CPU seconds of the router for a million messages; `undefined` where /proc is missing. */
  readonly cpuPerMillion: number | undefined;
  /** How late its event loop was, in microseconds, for one of a hundred samples, and at most. */
  readonly late: number;
  readonly latest: number;
}

/** One phase without consoles, and one with them, one after the other. */
export interface Pair {
  readonly none: Side;
  readonly open: Side;
  /** What all consoles were sent, in a second. */
  readonly states: number;
  readonly bytes: number;
  /** Whatever was not as it must be; empty in a good run. */
  readonly problems: readonly string[];
}

/** Measures a house in one process of the router, so that the two sides of a pair differ in the consoles alone. */
export function measure(house: House, pairs: number, seconds: number): Promise<readonly Pair[]> {
  return withMock(async (mock, folder) => {
    const { service } = house;
    const port = await mock.listen(service);
    const hosts = { workers: workerHost, senders: senderHost, pools: house.others };
    const launch = await prepareRouter({ port, service, folder }, hosts);
    return inProcess(launch, mock, house, pairs, seconds);
  });
}

function inProcess(launch: RouterLaunch, mock: MockClient, house: House, pairs: number, seconds: number) {
  return withChild('Switchyard', launch, async (child) => {
    await mock.guard(child.pid);
    await child.during('attaching', startSeconds, () => mock.attached());
    await child.during('getting ready', startSeconds, (stop) => launch.ready(stop));
    await child.during('taking in the workers', startSeconds, () => mock.join());
    return child.during('being under load', loadSeconds, () => {
      const bench = new Bench(launch, mock, child, seconds);
      return bench.run(house, pairs);
    });
  });
}

/** The phases of one process. */
class Bench {
  readonly #launch: RouterLaunch;
  readonly #mock: MockClient;
  readonly #child: Child;
  readonly #seconds: number;
  #sent = 0;
  #problems: string[] = [];

  constructor(launch: RouterLaunch, mock: MockClient, child: Child, seconds: number) {
    this.#launch = launch;
    this.#mock = mock;
    this.#child = child;
    this.#seconds = seconds;
  }

  async run(house: House, pairs: number): Promise<readonly Pair[]> {
    const measured: Pair[] = [];
    await this.#phase(this.#mock.phase({ ask: 'check', messages: 2_000 }));
    // Code that consoles run is to be warm, too.
    const first = await Consoles.open(this.#launch.http, house.pages);
    await this.#side();
    await first.close();
    for (let pair = 0; pair < pairs; pair += 1) measured.push(await this.#pair(house, pair % 2 === 0));
    const last = await this.#launch.audit(this.#sent);
    return measured.map((each, index) => (index === 0 ? { ...each, problems: [...each.problems, ...last] } : each));
  }

  async #pair(house: House, noneFirst: boolean): Promise<Pair> {
    const before = noneFirst ? await this.#side() : undefined;
    const consoles = await Consoles.open(this.#launch.http, house.pages);
    consoles.take();
    const open = await this.#side();
    const { states, bytes } = consoles.take();
    await consoles.close();
    const none = before ?? (await this.#side());
    const problems = this.#problems;
    this.#problems = [];
    return { none, open, states: states / this.#seconds, bytes: bytes / this.#seconds, problems };
  }

  async #side(): Promise<Side> {
    await this.#launch.loopDelay();
    const before = cpuSeconds(this.#child.pid);
    const asked = this.#mock.phase({ ask: 'window', inFlight, seconds: this.#seconds, messages: undefined });
    const { received, seconds } = await this.#phase(asked);
    const after = cpuSeconds(this.#child.pid);
    const loop = await this.#launch.loopDelay();
    return {
      perSecond: received / seconds,
      cpuPerMillion: before === undefined || after === undefined ? undefined : ((after - before) / received) * 1e6,
      late: loop?.p99 ?? Number.NaN,
      latest: loop?.max ?? Number.NaN,
    };
  }

  async #phase(asked: Promise<PhaseResult>): Promise<PhaseResult> {
    const phase = await asked;
    this.#sent += phase.sent;
    this.#problems.push(...phase.faults);
    if (phase.sent !== phase.received) this.#problems.push(`${phase.sent - phase.received} messages were lost`);
    if (phase.duplicates !== 0) this.#problems.push(`${phase.duplicates} messages came twice`);
    return phase;
  }
}
