/** The hub's own process: a server to several components, with the senders and the workers of the bench. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Component } from './component.ts';
import type { HubReply, HubRequest, Phase } from './protocol.ts';

const workerHost = 'h.example';
const senders = 100;
const slots = 1 << 20;
const body = 'x'.repeat(280);
/** How long what is missing is waited for, in milliseconds. */
const patience = 10_000;

const components = new Map<string, Component>();
const times = new Float64Array(slots);
/** Messages that came to the workers of each domain. */
const shares = new Map<string, number>();
let front = '';
let joins: readonly string[] = [];
/** Messages that were sent, and that came. */
const count = { sent: 0, received: 0 };
let latencies: Float64Array | undefined;
let onReceived: () => void = () => undefined;

process.on('message', (request: HubRequest) => {
  answer(request).then(
    (reply) => process.send?.(reply),
    (error: unknown) => process.send?.({ tell: 'failed', text: String(error) } satisfies HubReply),
  );
});
process.on('disconnect', () => process.exit());

async function answer(request: HubRequest): Promise<HubReply> {
  switch (request.ask) {
    case 'listen': {
      ({ front, joins } = request);
      const ports: Record<string, number> = {};
      for (const domain of new Set([front, ...joins, ...request.others])) {
        const component = new Component(domain, take);
        components.set(domain, component);
        ports[domain] = await component.listen();
      }
      return { tell: 'ports', ports };
    }
    case 'join':
      await join();
      return { tell: 'done' };
    case 'window':
      return { tell: 'phase', result: await window(request.inFlight, request.seconds) };
    case 'rate':
      return { tell: 'phase', result: await rate(request.perSecond, request.seconds) };
  }
}

/** One stanza of a component, on its way to another or to a client. */
function take(text: string, from: Component): void {
  const to = attributeOf(text, 'to');
  const component = components.get(domainOf(to));
  if (component !== undefined) component.write(text);
  else if (text.startsWith('<message')) toWorker(text, to, from);
  else if (text.startsWith('<iq') && attributeOf(text, 'type') === 'get') {
    from.write(`<iq type='result' from='${to}' to='${attributeOf(text, 'from')}' id='${attributeOf(text, 'id')}'/>`);
  }
}

function toWorker(text: string, to: string, from: Component): void {
  if (domainOf(to) !== workerHost) return;
  const id = attributeOf(text, 'id');
  if (id.charCodeAt(0) !== 98) return;
  const sequence = Number(id.slice(1));
  if (latencies !== undefined) latencies[sequence % slots] = performance.now() - (times[sequence % slots] ?? 0);
  const own = to.slice(0, to.indexOf('@'));
  shares.set(own, (shares.get(own) ?? 0) + 1);
  if (text.includes('urn:xmpp:receipts')) {
    const sender = attributeOf(text, 'from');
    from.write(`<message from='${to}' to='${sender}'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`);
  }
  count.received += 1;
  onReceived();
}

function send(many: number): void {
  const component = components.get(front);
  for (let n = 0; n < many; n += 1) {
    times[count.sent % slots] = performance.now();
    component?.write(
      `<message type='chat' from='s${count.sent % senders}@s.example/r' to='jobs@${front}' id='b${count.sent}'><body>${body}</body></message>`,
    );
    count.sent += 1;
  }
}

/** Eight workers at each pool; over once some have got something at each, and nothing is under way. */
async function join(): Promise<void> {
  for (const component of components.values()) await component.attached;
  for (const [at, domain] of joins.entries()) {
    for (let n = 0; n < 8; n += 1) {
      components.get(domain)?.write(`<presence from='w${at}@${workerHost}/${n}' to='jobs@${domain}'/>`);
    }
  }
  for (const deadline = performance.now() + 60_000; joins.some((_, at) => (shares.get(`w${at}`) ?? 0) === 0); ) {
    if (performance.now() > deadline) throw new Error(`not every pool works: ${JSON.stringify([...shares])}`);
    send(joins.length);
    await sleep(200);
  }
  await quiet();
  // What came back before they worked is of no interest.
  count.sent = count.received;
}

async function window(inFlight: number, seconds: number): Promise<Phase> {
  const meter = begin();
  let open = true;
  onReceived = () => {
    if (open) send(1);
  };
  send(inFlight);
  await sleep(seconds * 1_000);
  open = false;
  await quiet();
  return end(meter);
}

async function rate(perSecond: number, seconds: number): Promise<Phase> {
  const meter = begin();
  latencies = new Float64Array(slots).fill(Number.NaN);
  onReceived = () => undefined;
  await new Promise<void>((resolve) => {
    const turn = (): void => {
      const due = Math.min(perSecond * seconds, ((performance.now() - meter.at) * perSecond) / 1_000);
      const now = Math.floor(due) - (count.sent - meter.sent);
      if (now > 0) send(now);
      if (count.sent - meter.sent < perSecond * seconds) setImmediate(turn);
      else resolve();
    };
    turn();
  });
  await quiet();
  const sorted = latencies.filter((each) => !Number.isNaN(each)).sort();
  latencies = undefined;
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
  return { ...end(meter), latency: { p50: at(0.5), p99: at(0.99) } };
}

interface Meter {
  readonly at: number;
  readonly sent: number;
  readonly received: number;
  readonly cpu: NodeJS.CpuUsage;
}

let lastAt = 0;

function begin(): Meter {
  return { at: performance.now(), ...count, cpu: process.cpuUsage() };
}

function end(meter: Meter): Phase {
  const { user, system } = process.cpuUsage(meter.cpu);
  return {
    sent: count.sent - meter.sent,
    received: count.received - meter.received,
    seconds: (lastAt - meter.at) / 1_000,
    cpu: (user + system) / 1e6,
  };
}

/** Until all that was sent has come, or nothing comes any more. */
async function quiet(): Promise<void> {
  for (let before = -1, since = performance.now(); count.received < count.sent; await sleep(2)) {
    if (count.received !== before) since = performance.now();
    before = count.received;
    if (performance.now() - since > patience) break;
  }
  lastAt = performance.now();
}

function attributeOf(text: string, name: string): string {
  const start = text.indexOf(` ${name}='`) + name.length + 3;
  return text.slice(start, text.indexOf("'", start));
}

function domainOf(jid: string): string {
  const slash = jid.indexOf('/');
  const bare = slash < 0 ? jid : jid.slice(0, slash);
  return bare.slice(bare.indexOf('@') + 1);
}
