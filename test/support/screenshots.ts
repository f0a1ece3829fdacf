import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ConsolePage, startBrowser } from './clients/browser.ts';
import { freePorts } from './free-ports.ts';
import { prepareRouter } from './router/router-process.ts';
import { StormServer, type StormStanza } from './servers/storm-server.ts';

const domain = 'pools.example.org';
const token = 'a-token-for-the-screenshots';
const folder = fileURLToPath(new URL('../../docs/images/', import.meta.url));
/** Milliseconds of traffic before the pictures: what the charts show. */
const traffic = 65_000;
const tick = 100;

/** A pool of the made-up service. */
interface Scene {
  readonly title: string;
  readonly algorithm: string;
  /** Workers by the weight in their presence. */
  readonly weights: readonly number[];
  /** Messages a second. */
  readonly rate: number;
  /** Milliseconds that a worker takes for one. */
  readonly work: number;
  /** Keeps messages until they are acknowledged. */
  readonly durable?: boolean;
}

const even = (workers: number): readonly number[] => Array.from({ length: workers }, () => 1);

const scenes: Readonly<Record<string, Scene>> = {
  billing: { title: 'Invoices', algorithm: 'sticky', weights: even(4), rate: 9, work: 120, durable: true },
  geo: { title: 'Positions of vehicles', algorithm: 'roundrobin', weights: even(8), rate: 140, work: 20 },
  images: { title: 'Thumbnails', algorithm: 'weighted', weights: [5, 5, 3, 2, 1, 1], rate: 70, work: 60 },
  jobs: { title: 'Job queue', algorithm: 'leastbusy', weights: even(12), rate: 45, work: 200, durable: true },
  mail: { title: 'Outgoing mail', algorithm: 'roundrobin', weights: even(3), rate: 12, work: 90, durable: true },
  night: { title: 'Nightly reports', algorithm: 'roundrobin', weights: [], rate: 1, work: 0, durable: true },
  sensors: { title: 'Readings of sensors', algorithm: 'roundrobin', weights: even(6), rate: 90, work: 15 },
  speech: { title: 'Speech to text', algorithm: 'leastbusy', weights: [2, 2, 1], rate: 3, work: 900, durable: true },
};

/** Takes the pictures, and returns their files. */
export async function takeScreenshots(): Promise<readonly string[]> {
  const [port = 0] = await freePorts(1);
  const server = await StormServer.start(domain, 's3cret');
  const router = prepareRouter({
    componentPort: server.port,
    domain,
    secret: 's3cret',
    built: true,
    pools: Object.fromEntries(Object.entries(scenes).map(([name, scene]) => [name, settingsOf(scene)])),
    config: { http: { listen: `127.0.0.1:${port}`, token }, log: { level: 'info', format: 'json' } },
  });
  const browser = await startBrowser();
  let acting: NodeJS.Timeout | undefined;
  try {
    await router.start();
    server.send(joins());
    server.take = (stanza) => answer(server, stanza);
    acting = setInterval(() => server.send(messages()), tick);
    const origin = `http://127.0.0.1:${port}`;
    const open = (path: string, colorScheme: 'light' | 'dark') =>
      ConsolePage.open(browser, origin, { path, colorScheme, viewport: { width: 1280, height: 880 } });
    const [pools, pool, shares] = await Promise.all([
      open('/console/', 'light'),
      open('/console/#/pools/jobs', 'dark'),
      open('/console/#/pools/images/shares', 'light'),
    ]);
    await pool.unlock(token);
    await sleep(traffic);
    mkdirSync(folder, { recursive: true });
    const files: string[] = [];
    for (const [name, { page }] of [
      ['console-pools', pools],
      ['console-pool', pool],
      ['console-shares', shares],
    ] as const) {
      const path = `${folder}${name}.png`;
      await page.screenshot({ path });
      files.push(path);
    }
    return files;
  } finally {
    clearInterval(acting);
    await browser.close();
    await router.remove();
    server.stop();
  }
}

function settingsOf({ title, algorithm, durable }: Scene): Readonly<Record<string, unknown>> {
  const delivery = { guarantee: 'at-least-once', ack: 'receipt', capacity: 10 };
  return { name: title, algorithm, workers: ['*'], ...(durable === true ? { delivery } : {}) };
}

function joins(): readonly string[] {
  return Object.entries(scenes).flatMap(([name, { weights }]) =>
    weights.map(
      (weight, index) =>
        `<presence from='${name}@node${(index % 3) + 1}.example.org/w${index + 1}' to='${name}@${domain}'>` +
        `<x xmlns='urn:x-switchyard:worker:0' weight='${weight}' label='${name}-${index + 1}'/></presence>`,
    ),
  );
}

let sent = 0;

/** What senders write in one tick: more and less, as time goes. */
function messages(): readonly string[] {
  return Object.entries(scenes).flatMap(([name, { rate }], index) => {
    const wave = 1 + 0.35 * Math.sin(Date.now() / 9_000 + index);
    const due = (rate * wave * tick) / 1_000;
    const many = Math.floor(due) + (Math.random() < due % 1 ? 1 : 0);
    return Array.from({ length: many }, () => {
      sent += 1;
      const from = `sensor${sent % 40}@far.example.org/r`;
      return `<message type='chat' from='${from}' to='${name}@${domain}' id='m${sent}'><body>Work ${sent}</body></message>`;
    });
  });
}

/** A worker takes its time, and acknowledges. */
function answer(server: StormServer, { name, from, to, id, type }: StormStanza): void {
  if (name !== 'message' || type === 'error' || id === undefined) return;
  const scene = scenes[to.slice(0, to.indexOf('@'))];
  if (scene === undefined) return;
  const receipt = `<message type='chat' from='${to}' to='${from}'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`;
  setTimeout(() => server.send([receipt]), scene.work * (0.6 + Math.random()));
}
