/**
 * What 10 000 workers take of the memory, in a router with all its tables; the bar is 10 MB.
 *
 * `idle`: each has joined by presence and answered its ping. `in use`: after that, each has had
 * messages that the algorithm gave to it, has answered most of them, and has some in flight. What
 * the traffic itself leaves behind (recent forwards, remembered keys) is part of that figure.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Router } from '../src/core/router.ts';
import { algorithmNames } from '../src/core/select/table.ts';
import type { AlgorithmName } from '../src/core/settings.ts';
import { capsVersion } from '../src/xmpp/protocols/caps.ts';
import { quietDesk } from '../test/router/core-hooks.ts';
import { emptySnapshot, message, poolSettings, presence, serviceSettings } from '../test/router/house.ts';
import { RecordingOut } from '../test/router/recording-out.ts';

const workers = 10_000;
/** Messages that each worker gets in the mean, of senders who are few: what they cost is not the question. */
const messagesEach = 4;
/** What the messages are about, which `sticky` goes by. */
const threads = 10_000;
const senders = 100;
const bar = 10;

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

/** What is alive, in JavaScript objects and in typed arrays. */
function megabytes(): number {
  if (typeof collect === 'function') for (let n = 0; n < 3; n += 1) collect();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return (heapUsed + arrayBuffers) / 1e6;
}

/** A router with one pool, and everybody who writes to it. */
class Scene {
  readonly #out = new RecordingOut();
  readonly #router: Router;
  readonly #algorithm: AlgorithmName;
  #now = 1_800_000_000_000;
  #ids = 0;

  constructor(algorithm: AlgorithmName) {
    this.#algorithm = algorithm;
    const newId = (): string => flat(`own-id-${++this.#ids}`);
    const settings = serviceSettings([poolSettings({ algorithm, fanoutMax: workers, stickyKey: { by: 'thread' } })]);
    this.#router = new Router(settings, emptySnapshot, this.#out, {
      newId,
      newKey: newId,
      random: () => 0,
      digest: () => '',
      payloadText: (children) => children,
      readElement: () => undefined,
      readEvent: () => undefined,
      capsVersion,
      desk: quietDesk,
    });
    this.#router.linkUp(this.#now);
  }

  /** Every worker joins, and its client answers the ping. */
  join(): void {
    for (let n = 0; n < workers; n += 1) {
      this.#router.on(
        presence(flat(`worker-${n}@work.example/resource-${n}`), { to: 'jobs@pools.example' }),
        this.#now,
      );
      for (const written of this.#out.take()) {
        if (written.call !== 'ping') continue;
        const { from, to, id } = written;
        this.#router.on({ kind: 'iq-response', from: to, to: from, id, error: undefined }, this.#now);
      }
      this.#pass();
    }
    const size = this.#router.pools.get('jobs')?.roster.size;
    if (size !== workers) throw new Error(`${size} workers joined`);
  }

  /** Messages go round; one in four is not answered. */
  use(): void {
    const served = new Set<string>();
    const count = this.#algorithm === 'all' ? messagesEach : messagesEach * workers;
    for (let n = 0; n < count; n += 1) {
      const from = flat(`sender-${n % senders}@far.example/home`);
      const sent = { from, to: 'jobs@pools.example', id: flat(`message-${n}`), thread: flat(`thread-${n % threads}`) };
      this.#router.on(message(sent), this.#now);
      for (const written of this.#out.take()) {
        if (written.call !== 'forward') continue;
        served.add(written.to);
        // Another quarter of them in every round.
        if ((n + Math.floor(n / workers)) % 4 === 3) continue;
        const reply = { from: written.to, to: written.from, id: flat(`reply-${n}`), thread: sent.thread };
        this.#router.on(message(reply), this.#now);
      }
      this.#pass();
    }
    if (this.#algorithm !== 'sticky' && served.size !== workers) throw new Error(`${served.size} workers were served`);
  }

  #pass(): void {
    this.#out.take();
    this.#out.settle();
    this.#out.outcomes.length = 0;
    this.#out.notices.length = 0;
    this.#now += 1;
    if (this.#now % 100 === 0) this.#router.tick(this.#now);
  }
}

/** A string in one piece, as the decoder makes them. */
function flat(text: string): string {
  return Buffer.from(text).toString();
}

/** Megabytes beyond those of an empty router. */
function measure(algorithm: AlgorithmName): { readonly idle: number; readonly used: number } {
  const scene = new Scene(algorithm);
  const before = megabytes();
  scene.join();
  const idle = megabytes() - before;
  scene.use();
  return { idle, used: megabytes() - before };
}

measure('roundrobin');
console.log(`Memory of ${workers} workers in one pool, at most ${bar} MB wanted\n`);
console.log('| algorithm | idle, MB | in use, MB |  |\n|---|--:|--:|---|');
for (const algorithm of algorithmNames()) {
  const { idle, used } = measure(algorithm);
  const reached = Math.max(idle, used) <= bar;
  console.log(`| ${algorithm} | ${idle.toFixed(2)} | ${used.toFixed(2)} | ${reached ? 'reached' : 'missed'} |`);
  if (!reached) process.exitCode = 1;
}
