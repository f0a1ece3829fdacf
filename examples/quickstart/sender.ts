import { xml } from '@xmpp/client';
import { connectClient, type TestClient } from '../../test/support/clients/xmpp-client.ts';

const forever = 2 ** 31 - 1;

export interface SenderPlan {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly resource: string;
  readonly pool: string;
}

/** An XMPP client that writes to a pool and keeps account of what comes back. */
export class Sender {
  /** Ids in the order they were sent. */
  readonly sent: string[] = [];
  /** By id: from which addresses the answers came. */
  readonly answers = new Map<string, string[]>();
  /** By id: the condition of the error that came instead. */
  readonly errors = new Map<string, string>();
  readonly jid: string;
  readonly #client: TestClient;
  readonly #pool: string;
  #count = 0;

  private constructor(client: TestClient, pool: string) {
    this.#client = client;
    this.#pool = pool;
    this.jid = client.jid;
  }

  static async connect(plan: SenderPlan): Promise<Sender> {
    const client = await connectClient(plan);
    const sender = new Sender(client, plan.pool);
    void sender.#listen();
    return sender;
  }

  /** The message of this id, as it is sent. */
  message(id: string): string {
    const body = xml('body', {}, id.replace('-', ' '));
    // Whoever answers repeats the thread (RFC 6121 5.2.5): so each answer is matched to its message.
    return xml('message', { to: this.#pool, type: 'chat', id }, body, xml('thread', {}, id)).toString();
  }

  /** Writes one message to the pool; returns its id. */
  async send(): Promise<string> {
    this.#count += 1;
    const id = `job-${this.#count}`;
    this.sent.push(id);
    await this.#client.send(this.message(id));
    return id;
  }

  /** XEP-0354: the algorithm that the pool uses now, as its answer names it. */
  async askAlgorithm(): Promise<string | undefined> {
    this.#count += 1;
    const query = xml('query', { xmlns: 'urn:xmpp:cmr:0' });
    const answer = await this.#client.request(
      xml('iq', { type: 'get', to: this.#pool, id: `ask-${this.#count}` }, query),
    );
    return answer.getChild('query', 'urn:xmpp:cmr:0')?.getChild('active')?.attrs['algorithm'];
  }

  /** Ids that neither an answer nor an error came back for. */
  open(): string[] {
    return this.sent.filter((id) => !this.answers.has(id) && !this.errors.has(id));
  }

  answerCount(): number {
    return [...this.answers.values()].reduce((sum, from) => sum + from.length, 0);
  }

  forget(): void {
    this.sent.length = 0;
    this.answers.clear();
    this.errors.clear();
  }

  async end(): Promise<void> {
    await this.#client.end();
  }

  async #listen(): Promise<void> {
    try {
      for (;;) {
        const stanza = await this.#client.waitFor(({ name }) => name === 'message', 'an answer', forever);
        const { from = '', id, type } = stanza.attrs;
        const thread = stanza.getChildText('thread') ?? '';
        if (type === 'error' && id !== undefined) {
          this.errors.set(id, stanza.getChild('error')?.getChildElements()[0]?.name ?? 'no condition');
        } else if (thread !== '') {
          this.answers.set(thread, [...(this.answers.get(thread) ?? []), from]);
        }
      }
    } catch {
      // The stream has ended: the demo is over.
    }
  }
}
