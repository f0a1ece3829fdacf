import { type Child, withChild } from './child.ts';
import { type MockClient, withMock } from './mock/client.ts';
import type { Latency, PhaseResult } from './mock/protocol.ts';
import type { Options } from './options.ts';
import { service } from './scene.ts';
import { cpuSeconds, residentBytes } from './usage.ts';
import type { Launch, LoopDelay, Variant } from './variants/variant.ts';

/** Messages under way at once in the timed phase. */
export const inFlight = 2000;

const checkMessages = 2000;
/** Bounds on the parts of a measurement, in seconds. */
const startSeconds = 30;
const timedSeconds = 120;
const loadSeconds = 240;

/** What one variant did in one round. */
export interface Cell {
  readonly perSecond: number;
  /** CPU seconds of the component for a million messages; `undefined` where /proc is missing. */
  readonly cpuPerMillion: number | undefined;
  /** Resident bytes of the component at the end of the timed phase. */
  readonly resident: number | undefined;
  /** Share of one core that the mock used in the timed phase. */
  readonly mockShare: number;
  /** One for each of the options' rates. */
  readonly latencies: readonly LatencyAtRate[];
  /** Whatever was not as it must be; empty in a good run. */
  readonly problems: readonly string[];
}

export interface LatencyAtRate extends Latency {
  /** Messages a second. */
  readonly rate: number;
  /** How late the component's event loop was; `undefined` when it does not tell. */
  readonly loop: LoopDelay | undefined;
  /** Whether the component kept up. */
  readonly sustained: boolean;
}

/** Measures one variant once, with processes of its own. */
export function measure(variant: Variant, options: Options): Promise<Cell> {
  return withMock(async (mock, folder) => {
    const { senders } = variant;
    const scene = {
      ...service,
      senders,
      workers: variant.distributes ? service.workers : [],
      acknowledges: variant.acknowledges,
    };
    const port = await mock.listen(scene);
    const launch = await variant.prepare({ port, service, folder });
    return inProcess(variant, launch, mock, options);
  });
}

function inProcess(variant: Variant, launch: Launch, mock: MockClient, options: Options): Promise<Cell> {
  return withChild(variant.title, launch, async (child) => {
    await mock.guard(child.pid);
    await child.during('attaching', startSeconds, () => mock.attached());
    await child.during('getting ready', startSeconds, (stop) => launch.ready(stop));
    if (variant.joins) await child.during('taking in the workers', startSeconds, () => mock.join());
    return child.during('being under load', loadSeconds, () => load(variant, launch, mock, child, options));
  });
}

async function load(variant: Variant, launch: Launch, mock: MockClient, child: Child, options: Options): Promise<Cell> {
  const { seconds, messages } = options;
  const check = await mock.phase({ ask: 'check', messages: checkMessages });
  // Every sender of a crowd is known, and remembered, before it counts.
  const crowd = variant.senders > checkMessages;
  const warm = await mock.phase({
    ask: 'window',
    inFlight,
    seconds: crowd ? timedSeconds : Math.min(seconds, 1),
    messages: crowd ? variant.senders : undefined,
  });
  const before = cpuSeconds(child.pid);
  const timed = await mock.phase({
    ask: 'window',
    inFlight,
    seconds: messages === undefined ? seconds : timedSeconds,
    messages,
  });
  const after = cpuSeconds(child.pid);
  const resident = residentBytes(child.pid);
  const latencies: LatencyAtRate[] = [];
  const phases = [check, warm, timed];
  for (const rate of options.rates) {
    await launch.loopDelay();
    const phase = await mock.phase({ ask: 'rate', perSecond: rate, seconds });
    const loop = await launch.loopDelay();
    phases.push(phase);
    const sustained = phase.received / phase.seconds > 0.95 * rate;
    latencies.push({
      rate,
      sustained,
      loop,
      ...(phase.latency ?? { p50: Number.NaN, p99: Number.NaN, max: Number.NaN }),
    });
  }
  const sent = phases.reduce((sum, phase) => sum + phase.sent, 0);
  return {
    perSecond: timed.received / timed.seconds,
    cpuPerMillion: before === undefined || after === undefined ? undefined : ((after - before) / timed.received) * 1e6,
    resident,
    mockShare: timed.mockCpuSeconds / timed.seconds,
    latencies,
    problems: [...phases.flatMap(faultsOf), ...unevenness(variant, check), ...(await launch.audit(sent))],
  };
}

function faultsOf(phase: PhaseResult): string[] {
  const problems = [...phase.faults];
  const lost = phase.sent - phase.received;
  if (lost !== 0) problems.push(`${lost} of ${phase.sent} messages were lost`);
  if (phase.duplicates !== 0) problems.push(`${phase.duplicates} messages came twice`);
  return problems;
}

/** Round robin must give each worker as many as the next, to one. */
function unevenness(variant: Variant, check: PhaseResult): string[] {
  const counts = service.workers.map((worker) => check.shares[worker] ?? 0);
  if (!variant.distributes || Math.max(...counts) - Math.min(...counts) <= 1) return [];
  return [`the workers got ${counts.join(', ')} messages: no round robin`];
}
