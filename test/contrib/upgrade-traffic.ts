import { setTimeout as sleep } from 'node:timers/promises';
import type { Element } from '@xmpp/client';
import type { TestClient } from '../support/clients/xmpp-client.ts';

type Pool = 'plain' | 'durable';

/** What became of the messages to a pool. */
interface Tally {
  readonly sent: number;
  /** Given to a worker. */
  readonly seen: number;
  /** Those that an error came back for and no worker had. */
  readonly refused: number;
  /** Those that the pool said it keeps. */
  readonly accepted: readonly string[];
  /** Accepted, and given to nobody. */
  readonly lost: readonly string[];
  /** Given to nobody, not accepted, and no error came back. */
  readonly unknown: readonly string[];
}

const pools: readonly Pool[] = ['plain', 'durable'];
/** Milliseconds between two messages to each pool. */
const every = 10;
/** Milliseconds that a worker takes, so that some have work at any time. */
const work = 30;

/** A sender that goes on whatever the router does, and workers that join once and stay. */
export class UpgradeTraffic {
  readonly #domain: string;
  readonly #sender: TestClient;
  readonly #workers: readonly TestClient[];
  readonly #sent: Record<Pool, string[]> = { plain: [], durable: [] };
  readonly #seen: Record<Pool, Set<string>> = { plain: new Set(), durable: new Set() };
  #asked = 0;
  #stopped = true;
  #ended = false;
  #loading: Promise<void> = Promise.resolve();
  /** How often workers have sent presence. */
  presences = 0;

  constructor(domain: string, sender: TestClient, workers: readonly TestClient[]) {
    this.#domain = domain;
    this.#sender = sender;
    this.#workers = workers;
  }

  async join(): Promise<void> {
    for (const worker of this.#workers) {
      for (const pool of pools) {
        this.presences += 1;
        const from = `${pool}@${this.#domain}`;
        await worker.send(`<presence to='${from}'/>`);
        await worker.waitFor((stanza) => stanza.is('presence') && stanza.attrs['from'] === from, 'the pool');
      }
      void this.#serve(worker);
    }
  }

  begin(): void {
    this.#stopped = false;
    this.#loading = this.#load();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loading;
  }

  end(): void {
    this.#stopped = true;
    this.#ended = true;
  }

  seen(pool: Pool): ReadonlySet<string> {
    return this.#seen[pool];
  }

  /** What was sent before a request is on its way once that is answered: the router's, then each server's. */
  async settle(): Promise<void> {
    await this.#ask(this.#sender, `plain@${this.#domain}`);
    for (const worker of this.#workers) await this.#ask(worker, 'localhost');
    await this.#ask(this.#sender, 'localhost');
  }

  tally(pool: Pool): Tally {
    const seen = this.#seen[pool];
    const { received } = this.#sender;
    const errors = new Set(received.filter(({ attrs }) => attrs['type'] === 'error').map(({ attrs }) => attrs['id']));
    const kept = new Set(received.map((stanza) => stanza.getChild('queued')?.attrs['id']));
    const sent = this.#sent[pool];
    const accepted = sent.filter((id) => kept.has(id));
    return {
      sent: sent.length,
      seen: sent.filter((id) => seen.has(id)).length,
      refused: sent.filter((id) => errors.has(id) && !seen.has(id)).length,
      accepted,
      lost: accepted.filter((id) => !seen.has(id)),
      unknown: sent.filter((id) => !seen.has(id) && !kept.has(id) && !errors.has(id)),
    };
  }

  async #load(): Promise<void> {
    const deliver = "<deliver xmlns='urn:x-switchyard:delivery:0' queued='true'/>";
    while (!this.#stopped) {
      for (const pool of pools) {
        const id = `${pool}-${this.#sent[pool].length}`;
        this.#sent[pool].push(id);
        const more = pool === 'durable' ? deliver : '';
        await this.#sender.send(
          `<message to='${pool}@${this.#domain}' type='chat' id='${id}'><body>${id}</body>${more}</message>`,
        );
      }
      await sleep(every);
    }
  }

  async #serve(worker: TestClient): Promise<void> {
    while (!this.#ended) {
      try {
        this.#take(worker, await worker.waitFor(isWork, 'work', 1_000));
      } catch {
        // None came for a second, or the test is over.
      }
    }
  }

  #take(worker: TestClient, { attrs }: Element): void {
    const { from, id } = attrs;
    const pool: Pool = String(from).startsWith('plain@') ? 'plain' : 'durable';
    this.#seen[pool].add(String(id));
    if (pool === 'plain') return;
    const receipt = `<message to='${from}' type='chat'><received xmlns='urn:xmpp:receipts' id='${id}'/></message>`;
    setTimeout(() => void worker.send(receipt).catch(() => undefined), work);
  }

  async #ask(client: TestClient, to: string): Promise<void> {
    this.#asked += 1;
    const id = `ask${this.#asked}`;
    await client.send(`<iq type='get' to='${to}' id='${id}'><ping xmlns='urn:xmpp:ping'/></iq>`);
    await client.waitFor(({ name, attrs }) => name === 'iq' && attrs['id'] === id, `the answer of ${to}`);
  }
}

function isWork({ name, attrs }: Element): boolean {
  return name === 'message' && attrs['type'] === 'chat';
}
