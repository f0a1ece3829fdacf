import { type Address, isOfPool, readAddress, requireAddress, sameAddress } from './address.ts';
import { Assignments } from './assignments.ts';
import { Backoff } from './backoff.ts';
import type { Connection } from './connection.ts';
import { type Content, type Element, xml } from './element.ts';
import { Hands } from './hands.ts';
import { isWork, type Job, pong } from './job.ts';
import type { ExtendOptions } from './lease.ts';
import { ns } from './namespaces.ts';
import { NotConnected } from './not-connected.ts';
import type { Part } from './part.ts';
import { isPassing, readError } from './stanza-error.ts';

export interface WorkerOptions {
  /** Bare JID of the pool. */
  readonly pool: string;
  /**
   * Works on a message. What it returns is the answer; nothing is none. What it throws is the error
   * that the sender gets: a `StanzaError` as it is, anything else as `internal-server-error`.
   *
   * Where the pool delivers at least once, the message is acknowledged when this is over, and not before.
   * What it throws gives the message to another worker, unless it is a `Reject` or a `StanzaError` that
   * says otherwise.
   */
  readonly handle: (job: Job) => Content | undefined | Promise<Content | undefined>;
  /**
   * Answers requests (IQ) that the pool passes on (`iq: proxy`), by the namespace of their payload.
   * What it returns is the payload of the result.
   */
  readonly requests?: Readonly<
    Record<string, (request: WorkRequest) => Element | undefined | Promise<Element | undefined>>
  >;
  /**
   * Domains whose accounts may send requests to the worker itself, as they do after a redirect of the
   * pool (`iq: redirect`). Default: only the pool may ask.
   */
  readonly requestsFrom?: readonly string[];
  /** 0 to 127: the weight, unless `weight` says another. Below 0: a member that takes nothing. Default 0. */
  readonly priority?: number;
  /** 1 to 1000; wins over the priority. */
  readonly weight?: number;
  /** How much the worker works on at a time; more waits in it, in order. The pool is told. Default: no limit. */
  readonly capacity?: number;
  /** The name by which senders see the worker; default its resource. */
  readonly label?: string;
  /** With this much in hand the priority is lowered; with half of it, it is raised again. */
  readonly underLoad?: { readonly inHand: number; readonly priority: number };
  /**
   * How the pool is asked for more time while a message is worked on; `false`: it is not. Where the pool
   * delivers at least once; elsewhere nobody waits.
   */
  readonly extend?: ExtendOptions | false;
  /**
   * Whether a message that comes again is worked on again: with `true` it is acknowledged without, if its id
   * is among the last 10 000 (or `remember`) that were done. In memory, so not over a restart. Default `false`.
   */
  readonly deduplicate?: boolean | { readonly remember: number };
  /**
   * Milliseconds until a join that the pool has not answered is sent again: a server whose router is being
   * restarted may drop it and tell nobody. Default 10 000.
   */
  readonly joinTimeout?: number;
  /**
   * Milliseconds after which the pool is told again that the worker is there, whatever it knows: a router that
   * crashed before a join was on its disk has forgotten it. Default 300 000.
   */
  readonly refresh?: number;
  /** Features that the worker has, to be found by (XEP-0030). */
  readonly features?: readonly string[];
}

/** A request (IQ) that a pool passed on, or that came by its redirect. */
export interface WorkRequest {
  readonly type: 'get' | 'set';
  readonly payload: Element;
  /** The requester: seen through the pool, or by its own address after a redirect. */
  readonly from: string;
}

/** Takes part in a pool: joins, takes messages and requests, answers them, and leaves without a loss. */
export class Worker {
  readonly #connection: Connection;
  readonly #options: WorkerOptions;
  readonly #pool: Address;
  readonly #hands: Hands;
  readonly #assignments: Assignments;
  readonly #rejoin = new Backoff(1_000, 60_000);
  #rejoining: NodeJS.Timeout | undefined;
  /** Runs while the pool has not shown itself since the login. */
  #unheard: NodeJS.Timeout | undefined;
  /** Runs while it has. */
  #refreshing: NodeJS.Timeout | undefined;
  #heard = false;
  #priority: number;
  #lowered = false;
  #leaving = false;
  /** It left by choice: a new session does not bring it back. */
  #left = false;

  /** Puts the worker on the connection; it joins with the next login, or now if there is a session. */
  constructor(connection: Connection, options: WorkerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#pool = requireAddress(options.pool, 'pool');
    this.#priority = options.priority ?? 0;
    this.#hands = new Hands(options.capacity ?? Number.POSITIVE_INFINITY, (inHand) => this.#weigh(inHand));
    this.#assignments = new Assignments(connection, this.#hands, options);
    connection.add(this.#part());
  }

  /** Messages and requests in hand, with those that wait for their turn. */
  get inHand(): number {
    return this.#hands.inHand;
  }

  /** Changes the priority, and with it the weight; takes effect at once. */
  async setPriority(priority: number): Promise<void> {
    this.#priority = priority;
    await this.#tell();
  }

  /** Leaves the pool and finishes what is in hand. The connection stays; `join` comes back, and nothing else does. */
  async leave(): Promise<void> {
    this.#left = true;
    await this.#depart();
  }

  /** Joins again after `leave`. */
  async join(): Promise<void> {
    this.#left = false;
    this.#leaving = false;
    await this.#tell();
  }

  async #depart(): Promise<void> {
    const { pool } = this.#options;
    this.#leaving = true;
    this.#waitNoMore();
    try {
      // What who is gone did not acknowledge is given to others. So what is in hand is finished before.
      if (this.#assignments.assured) {
        await this.#announce(this.#presence(true));
        await this.#hands.idle();
      }
      // First leave, so that the others get what comes. What came before is here once the pool answers.
      await this.#announce(xml('presence', { to: pool, type: 'unavailable' }));
    } catch {
      // Without a session the server has told the pool already.
      return;
    }
    await this.#hands.idle();
    this.#connection.notify({ event: 'left', text: pool });
  }

  /** Tells the pool, and waits until it has heard it: what it sent before is here then. Fails without a session. */
  async #announce(presence: Element): Promise<void> {
    await this.#connection.send(presence);
    const ping = xml('ping', { xmlns: ns.ping });
    await this.#connection.request(this.#options.pool, ping, 'get', 5_000).catch((error: unknown) => {
      // An error is an answer too.
      if (error instanceof NotConnected) throw error;
    });
  }

  #part(): Part {
    const { requests = {}, features = [] } = this.#options;
    return {
      features: [ns.delivery, ns.dix, ns.receipts, ...Object.keys(requests), ...features],
      online: () => {
        this.#leaving = this.#left;
        this.#heard = false;
        // The account itself takes no messages: they are for the pool's worker, not for the account.
        void this.#send(xml('presence', {}, xml('priority', {}, '-1')));
        void this.#tell();
        this.#assignments.online();
      },
      offline: () => {
        this.#waitNoMore();
        this.#assignments.offline();
      },
      stanza: (stanza) => this.#take(stanza),
      request: (iq) => this.#request(iq),
      leave: () => this.#depart(),
    };
  }

  async #tell(): Promise<void> {
    if (this.#leaving) return;
    if (this.#heard) this.#refreshLater();
    else this.#tellAgain();
    await this.#send(this.#presence(false));
  }

  /** Tells the pool once more if nothing is heard of it. */
  #tellAgain(): void {
    const { pool, joinTimeout = 10_000 } = this.#options;
    clearTimeout(this.#unheard);
    this.#unheard = setTimeout(() => {
      const text = `${pool} has not answered within ${joinTimeout / 1000} s; it is asked again`;
      this.#connection.notify({ event: 'problem', text });
      void this.#tell();
    }, joinTimeout);
  }

  #refreshLater(): void {
    clearTimeout(this.#refreshing);
    this.#refreshing = setTimeout(() => void this.#tell(), this.#options.refresh ?? 300_000);
  }

  #waitNoMore(): void {
    clearTimeout(this.#refreshing);
    clearTimeout(this.#rejoining);
    clearTimeout(this.#unheard);
  }

  /** The presence by which the session is a worker, with what the pool should know of it. */
  #presence(drain: boolean): Element {
    const { pool, weight, capacity, label } = this.#options;
    const priority = xml('priority', {}, String(this.#current()));
    const { server } = this.#connection;
    const numbers = { weight: weight?.toString(), capacity: capacity?.toString() };
    // The server tells the router nothing of where its workers are.
    const wish = xml('x', { xmlns: ns.worker, ...numbers, label, server, drain: drain ? 'true' : undefined });
    return xml('presence', { to: pool }, priority, wish, this.#connection.capabilities);
  }

  #current(): number {
    const { underLoad } = this.#options;
    return this.#lowered && underLoad !== undefined ? underLoad.priority : this.#priority;
  }

  #take(stanza: Element): boolean {
    const { from = '', type } = stanza.attrs;
    if (!isOfPool(from, this.#pool)) return false;
    if (stanza.name === 'presence') {
      if (sameAddress(from, this.#options.pool)) this.#shown(stanza, type);
      // A conversation with the same pool may want to know it too.
      return false;
    }
    if (type !== 'error' && stanza.getChild('ping', ns.dix) !== undefined) {
      void this.#send(pong(stanza));
      return true;
    }
    if (type === 'error' && this.#assignments.returned(stanza)) return true;
    if (!isWork(stanza, this.#options.pool)) return false;
    this.#assignments.take(stanza);
    return true;
  }

  /** The pool shows itself when it takes us in, and when the router is back: then it wants to be told again. */
  #shown(presence: Element, type: string | undefined): void {
    const { pool } = this.#options;
    clearTimeout(this.#unheard);
    // That the pool has nobody is no answer to a join that is still to be sent again.
    if (type !== 'unavailable') this.#heard = true;
    if (type === 'error') {
      clearTimeout(this.#rejoining);
      const error = readError(presence);
      this.#connection.notify({ event: 'refused', text: `${pool}: ${error.message}`, error });
      // jabberd2 says so of a router that is away; a pool does not.
      if (isPassing(error) || error.condition === 'item-not-found') {
        this.#heard = false;
        this.#rejoining = setTimeout(() => void this.#tell(), this.#rejoin.next());
      }
    } else if (type === undefined && !this.#leaving) {
      clearTimeout(this.#rejoining);
      this.#rejoin.reset();
      this.#assignments.heard();
      const status = presence.getChildText('status');
      this.#connection.notify({ event: 'joined', text: status === null ? pool : `${pool}: ${status}` });
      void this.#tell();
    }
  }

  #request(iq: Element): Promise<Element | true> | undefined {
    const { from = '', type } = iq.attrs;
    const assigned = isOfPool(from, this.#pool) ? this.#assignments.request(iq) : undefined;
    if (assigned !== undefined) return assigned;
    const [payload] = iq.getChildElements();
    const handle = this.#options.requests?.[payload?.getNS() ?? ''];
    if (handle === undefined || payload === undefined || !this.#mayAsk(from)) return undefined;
    const request: WorkRequest = { type: type === 'set' ? 'set' : 'get', payload, from };
    return this.#hands
      .take(async () => (await handle(request)) ?? true)
      .catch((error: unknown) => {
        this.#failed(error, `a request of ${from}`);
        throw error;
      });
  }

  #mayAsk(from: string): boolean {
    const { requestsFrom = [] } = this.#options;
    const domain = readAddress(from)?.domain.toLowerCase() ?? '';
    return isOfPool(from, this.#pool) || requestsFrom.some((allowed) => allowed.toLowerCase() === domain);
  }

  /** Lowers the priority when there is much in hand, and raises it when there is less. */
  #weigh(inHand: number): void {
    const { underLoad } = this.#options;
    if (underLoad === undefined) return;
    const lowered = inHand >= underLoad.inHand || (this.#lowered && inHand * 2 > underLoad.inHand);
    if (lowered === this.#lowered) return;
    this.#lowered = lowered;
    void this.#tell();
  }

  #failed(error: unknown, what: string): void {
    const text = `${what}: ${error instanceof Error ? error.message : String(error)}`;
    this.#connection.notify({ event: 'failed', text, error });
  }

  /** Without a session there is nothing to tell: the next login tells everything anew. */
  async #send(stanza: Element): Promise<void> {
    await this.#connection.send(stanza).catch((error: unknown) => {
      if (!(error instanceof NotConnected)) this.#failed(error, 'not sent');
    });
  }
}
