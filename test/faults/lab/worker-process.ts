/** A worker in a process of its own, for the fault suite. Its only argument is a `WorkerOrder` as JSON. */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Element, xml } from '@xmpp/client';
import { connectClient, type TestClient } from '../../support/clients/xmpp-client.ts';
import { EventLog } from './events.ts';
import { type Manners, planFor } from './manners.ts';
import { deliveryNamespace, type Payload, readPayload, receiptsNamespace } from './message.ts';

/** Who a worker is, and what it does. */
export interface WorkerOrder {
  readonly port: number;
  readonly user: string;
  readonly resource: string;
  readonly pool: string;
  /** The folder of the logs. */
  readonly folder: string;
  readonly seed: number;
  readonly manners: Manners;
}

/** Milliseconds between two attempts to connect. */
const retry = 150;
const info = 'http://jabber.org/protocol/disco#info';

const order = JSON.parse(process.argv[2] ?? '') as WorkerOrder;
let manners = order.manners;
const jid = `${order.user}@localhost/${order.resource}`;
const log = new EventLog(order.folder, `worker-${order.resource}-${process.pid}`);
let acknowledged = 0;
let second: Promise<TestClient> | undefined;

const features = [
  info,
  ...(manners.ack === 'receipt' ? [] : [deliveryNamespace]),
  'urn:xmpp:ping',
  receiptsNamespace,
].sort();
const version = createHash('sha1')
  .update(`client/bot//worker<${features.map((feature) => `${feature}<`).join('')}`)
  .digest('base64');

process.on('message', (changed: Manners) => {
  manners = changed;
});
process.on('disconnect', () => process.exit(0));
function connect(resource: string): Promise<TestClient> {
  const { port, user } = order;
  return connectClient({ port, user, password: 'pw', resource, silent: true });
}

/** Works until the connection ends, which makes it throw. */
async function serve(client: TestClient): Promise<never> {
  const caps = `<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='urn:x-lab' ver='${version}'/>`;
  const available = `<presence to='${order.pool}'>${caps}</presence>`;
  await client.send(available);
  let joined = false;
  for (;;) {
    const stanza = await client.waitFor(() => true, 'anything', 3_600_000);
    if (isRefusal(stanza)) {
      // It was here before the router was at the server again.
      void sleep(retry)
        .then(() => client.send(available))
        .catch(() => undefined);
    } else if (stanza.name === 'presence' && stanza.attrs['from'] === order.pool && !joined) {
      joined = true;
      process.send?.('joined');
      void flap(client, available).catch(() => undefined);
    } else if (stanza.name === 'iq') {
      void answerRequest(client, stanza).catch(() => undefined);
    } else if (stanza.name === 'message' && stanza.attrs['type'] !== 'error') {
      void work(client, stanza);
    }
  }
}

/** Whether its own presence came back. */
function isRefusal({ name, attrs }: Element): boolean {
  return name === 'presence' && attrs['from'] === order.pool && attrs['type'] === 'error';
}

/** Comes and goes while the connection lasts. */
async function flap(client: TestClient, available: string): Promise<void> {
  while (manners.flap !== undefined) {
    await sleep(manners.flap);
    log.write(jid, { kind: 'gone' });
    await client.send(`<presence to='${order.pool}' type='unavailable'/>`);
    await sleep(manners.flap);
    await client.send(available);
    log.write(jid, { kind: 'back' });
  }
}

async function answerRequest(client: TestClient, iq: Element): Promise<void> {
  const { id, from, type } = iq.attrs;
  const request = iq.getChild('deliver', deliveryNamespace);
  if (type === 'set' && request !== undefined) {
    const message = request.getChild('forwarded', 'urn:xmpp:forward:0')?.getChild('message');
    if (message !== undefined) await work(client, message, iq);
    return;
  }
  if (type !== 'get') return;
  const query = iq.getChild('query', info);
  if (query === undefined) {
    await client.send(xml('iq', { type: 'result', id, to: from }));
    return;
  }
  const { node } = query.attrs;
  const children = [
    xml('identity', { category: 'client', type: 'bot', name: 'worker' }),
    ...features.map((feature) => xml('feature', { var: feature })),
  ];
  const attributes = node === undefined ? { xmlns: info } : { xmlns: info, node };
  await client.send(xml('iq', { type: 'result', id, to: from }, xml('query', attributes, ...children)));
}

/** @param iq The request that the message came in. */
async function work(client: TestClient, message: Element, iq?: Element): Promise<void> {
  const body = message.getChildText('body');
  if (body === null || body === undefined) return;
  const payload = readPayload(body);
  if (payload === undefined) {
    log.write(jid, { kind: 'garbled', text: body });
    return;
  }
  const task = new Task(client, message, payload, iq);
  task.arrived();
  if (payload.poison) {
    await task.reject(true);
    return;
  }
  await perform(task);
}

async function perform(task: Task): Promise<void> {
  const plan = planFor(manners, order.seed, task.key);
  const { way } = plan;
  const early = manners.ack === 'receipt' && (way === 'well' || way === 'twice' || way === 'elsewhere');
  if (early) await task.acknowledge(way === 'elsewhere');
  if (manners.dieAfter !== undefined && acknowledged >= manners.dieAfter) process.kill(process.pid, 'SIGKILL');
  if (way === 'extend') await task.extend();
  const late = way === 'late' || way === 'lateReject';
  await sleep(late ? task.allowed + 400 : plan.work + (way === 'extend' ? 2_000 : 0));
  task.finished();
  if (plan.answer) await task.answer();
  if (way === 'never') return;
  if (way === 'reject' || way === 'lateReject') await task.reject(true);
  else if (way === 'refuse') await task.reject(false);
  else if (!early) await task.acknowledge(way === 'elsewhere');
  if (way === 'twice') await task.acknowledge(false);
}

/** One message and what is said of it. */
class Task {
  /** Milliseconds that there are for it. */
  readonly allowed: number;
  /** What the plan follows from. */
  readonly key: string;
  readonly #client: TestClient;
  readonly #from: string;
  readonly #wireId: string;
  readonly #payload: Payload;
  readonly #delivery: Element | undefined;
  readonly #stanzaId: string | undefined;
  readonly #iq: Element | undefined;

  constructor(client: TestClient, message: Element, payload: Payload, iq: Element | undefined) {
    this.#client = client;
    this.#iq = iq;
    this.#from = (iq ?? message).attrs['from'] ?? '';
    this.#wireId = message.attrs['id'] ?? '';
    this.#payload = payload;
    this.#delivery = message.getChild('delivery', deliveryNamespace);
    this.#stanzaId = message.getChild('stanza-id', 'urn:xmpp:sid:0')?.attrs['id'];
    const deadline = this.#delivery?.attrs['deadline'];
    this.allowed = deadline === undefined ? 5_000 : Math.max(0, Date.parse(deadline) - Date.now());
    this.key = `${payload.id} ${this.#delivery?.attrs['attempt'] ?? order.resource}`;
  }

  arrived(): void {
    const { id, sender, seq } = this.#payload;
    const attempt = this.#delivery?.attrs['attempt'];
    log.write(jid, {
      kind: 'got',
      id,
      sender,
      seq,
      from: this.#from,
      stanzaId: this.#stanzaId,
      attempt: attempt === undefined ? undefined : Number(attempt),
      allowed: this.#delivery === undefined ? undefined : this.allowed,
    });
  }

  finished(): void {
    log.write(jid, { kind: 'finished', id: this.#payload.id });
  }

  /** @param elsewhere From another session of the account. */
  async acknowledge(elsewhere: boolean): Promise<void> {
    acknowledged += 1;
    if (elsewhere) second ??= connect(`${order.resource}-second`);
    const client = elsewhere ? await second?.catch(() => undefined) : this.#client;
    log.write(jid, { kind: 'acknowledged', id: this.#payload.id });
    if (this.#iq !== undefined) {
      await this.#say(xml('iq', { type: 'result', id: this.#iq.attrs['id'], to: this.#from }), client);
      return;
    }
    const child =
      manners.ack === 'receipt'
        ? xml('received', { xmlns: receiptsNamespace, id: this.#wireId })
        : this.#control('ack', {});
    await this.#say(this.#message(child), client);
  }

  /** A client that knows only receipts has no word for this: it returns the message as failed. */
  async reject(requeue: boolean): Promise<void> {
    const { id } = this.#payload;
    log.write(jid, { kind: 'rejected', id, requeue });
    await this.#say(
      manners.ack === 'processed' && this.#iq === undefined
        ? this.#message(this.#control('nack', { requeue: String(requeue) }))
        : this.#failed(requeue ? 'wait' : 'cancel'),
    );
  }

  async extend(): Promise<void> {
    if (manners.ack === 'receipt') return;
    // Near the end of its time, so that the work is done after it.
    await sleep(Math.max(0, this.allowed - 1_500));
    const by = 4_000;
    await this.#say(this.#message(this.#control('extend', { seconds: String(by / 1_000) })));
    log.write(jid, { kind: 'extended', id: this.#payload.id, by });
  }

  async answer(): Promise<void> {
    const { id, sender } = this.#payload;
    const body = JSON.stringify({ answers: id, sender });
    await this.#say(xml('message', { to: this.#from, type: 'chat', id: `a-${id}` }, xml('body', {}, body)));
  }

  /** What cannot be said, because the connection has ended, is not said. */
  async #say(stanza: Element, client = this.#client): Promise<void> {
    await client.send(stanza).catch(() => undefined);
  }

  #message(child: Element): Element {
    return xml('message', { to: this.#from, type: 'chat', id: `c-${this.#wireId}-${acknowledged}` }, child);
  }

  #control(name: string, attributes: Readonly<Record<string, string>>): Element {
    const token = this.#delivery?.attrs['token'] ?? '';
    return xml(name, { xmlns: deliveryNamespace, token, ...attributes });
  }

  #failed(type: string): Element {
    const condition = type === 'wait' ? 'resource-constraint' : 'not-acceptable';
    const error = xml('error', { type }, xml(condition, { xmlns: 'urn:ietf:params:xml:ns:xmpp-stanzas' }));
    return this.#iq === undefined
      ? xml('message', { to: this.#from, type: 'error', id: this.#wireId }, error)
      : xml('iq', { to: this.#from, type: 'error', id: this.#iq.attrs['id'] }, error);
  }
}

// At the end: nothing behind a loop that never ends would be there.
for (;;) {
  try {
    await serve(await connect(order.resource));
  } catch {
    // The server is away, or has cut the connection.
  }
  second = undefined;
  await sleep(retry);
}
