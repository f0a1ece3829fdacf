import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, withChild } from '../child.ts';
import { type MockClient, withMock } from '../mock/client.ts';
import type { Latency } from '../mock/protocol.ts';
import { fewSenders, service } from '../scene.ts';
import { residentBytes } from '../usage.ts';
import { type RouterLaunch, scrape } from '../variants/router.ts';
import type { LoopDelay } from '../variants/variant.ts';
import { deliveries, prepareDurable } from './variant.ts';

/** What each worker holds at a time. */
const capacity = 100;
/** Messages sent and not yet accepted, at most. */
const underWay = 10_000;
/** Receipts a second while the time from a receipt to the next message is taken. */
const pacedRate = 1000;
/** Bounds of the whole, in seconds. */
const startSeconds = 30;
const fillSeconds = 300;
const wholeSeconds = 900;

/** What a queue of so many messages costs. */
export interface Backlog {
  readonly messages: number;
  /** Messages accepted a second, while nobody works. */
  readonly acceptRate: number;
  /** Resident bytes of the router before the first message, then after each tenth of them. */
  readonly resident: readonly number[];
  /** From a receipt to the same worker's next message, with all of them waiting; microseconds. */
  readonly turnaround: Latency | undefined;
  /** Messages delivered and acknowledged a second, until none is left. */
  readonly drainRate: number;
  readonly loop: { readonly filling: LoopDelay | undefined; readonly draining: LoopDelay | undefined };
  readonly problems: readonly string[];
}

/** Fills the queue of a pool without workers, then lets eight of them work it off. */
export function measureBacklog(messages: number): Promise<Backlog> {
  return withMock(async (mock, folder) => {
    const port = await mock.listen({ ...service, senders: fewSenders, acknowledges: true });
    const queue = { maxMessages: messages, maxBytes: '8GiB', perSender: '100%' };
    const launch = await prepareDurable({ port, service, folder }, { capacity, queue });
    return withChild('the router', launch, async (child) => {
      await mock.guard(child.pid);
      await child.during('attaching', startSeconds, () => mock.attached());
      await child.during('getting ready', startSeconds, (stop) => launch.ready(stop));
      return child.during('working off a queue', wholeSeconds, () => fillAndDrain(messages, launch, mock, child));
    });
  });
}

async function fillAndDrain(messages: number, launch: RouterLaunch, mock: MockClient, child: Child): Promise<Backlog> {
  const resident = [residentBytes(child.pid) ?? Number.NaN];
  await launch.loopDelay();
  const began = performance.now();
  for (let sent = 0, accepted = 0; accepted < messages && performance.now() - began < fillSeconds * 1000; ) {
    // What waits for the disk is bounded, and more is refused.
    const now = Math.min(messages - sent, underWay - (sent - accepted));
    if (now > 0) await mock.phase({ ask: 'flood', messages: now, first: sent === 0 });
    sent += now;
    await sleep(5);
    accepted = deliveries(await scrape(launch.metrics), 'accepted');
    while (resident.length <= (10 * accepted) / messages) resident.push(residentBytes(child.pid) ?? Number.NaN);
  }
  const filling = (performance.now() - began) / 1000;
  const whileFilling = await launch.loopDelay();
  await mock.join();
  const paced = await mock.phase({ ask: 'drain', perSecond: pacedRate, seconds: 5 });
  await launch.loopDelay();
  const rest = await mock.phase({ ask: 'drain', perSecond: undefined, seconds: wholeSeconds });
  const whileDraining = await launch.loopDelay();
  const problems = [...rest.faults, ...(await launch.audit(messages))];
  if (rest.duplicates > 0) problems.push(`${rest.duplicates} came twice`);
  return {
    messages,
    acceptRate: messages / filling,
    resident,
    turnaround: paced.latency,
    drainRate: rest.received / rest.seconds,
    loop: { filling: whileFilling, draining: whileDraining },
    problems,
  };
}
