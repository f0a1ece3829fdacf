import { resourceOf } from '../../src/core/address/jid.ts';
import type { Caller, ServiceDesk } from '../../src/core/commands/command.ts';
import type { Snapshot, StoredMember } from '../../src/core/durable-state.ts';
import type {
  IqRequest,
  IqRequestEnvelope,
  IqResponseEnvelope,
  MessageEnvelope,
  PresenceEnvelope,
} from '../../src/core/envelope.ts';
import type { Outcome } from '../../src/core/outcome/outcome.ts';
import { Router } from '../../src/core/router.ts';
import { algorithmNames } from '../../src/core/select/table.ts';
import type { DeliverySettings, PoolSettings, ServiceSettings } from '../../src/core/settings.ts';
import { coreHooks, quietDesk } from './core-hooks.ts';
import { RecordingOut } from './recording-out.ts';

export const domain = 'pools.example';
export const jobs = `jobs@${domain}`;
/** An administrator by name. */
export const admin: Caller = { role: 'admin', name: 'admin@example' };
export const sender = 'sensor@far.example/r';

export const emptySnapshot: Snapshot = {
  preferences: [],
  members: [],
  conversations: [],
  subscriptions: [],
  aliases: [],
  labels: [],
  orders: [],
  made: [],
  queues: [],
};

export function poolSettings(changes: Partial<PoolSettings> = {}): PoolSettings {
  return {
    name: 'jobs',
    title: undefined,
    description: undefined,
    algorithm: 'roundrobin',
    offer: algorithmNames(),
    workers: ['*@work.example'],
    senders: ['*'],
    owners: [],
    join: 'presence',
    features: 'common',
    identity: 'real',
    proxy: 'resource',
    memberMessages: 'reject',
    weights: {},
    stickyKey: { by: 'from' },
    stickyBound: undefined,
    rate: { perSender: undefined, perDomain: undefined, perWorker: undefined },
    workWindow: 10_000,
    cmrSet: 'workers',
    cmrHints: algorithmNames().filter((name) => name !== 'all'),
    headline: 'all',
    fanoutMax: 1000,
    plainRetry: 'bounce',
    replyWindow: 7 * 86_400_000,
    publish: 'none',
    requests: { mode: 'reject', namespaces: [], timeout: 30_000, redirects: [] },
    moved: undefined,
    members: [],
    pubsub: [],
    delivery: deliverySettings(),
    ...changes,
  };
}

/** What a pool promises by default. */
export function deliverySettings(changes: Partial<DeliverySettings> = {}): DeliverySettings {
  return {
    guarantee: 'plain',
    hints: ['ttl'],
    ack: 'auto',
    ackTimeout: 30_000,
    maxAttempts: 5,
    ttl: 86_400_000,
    backoff: { min: 1_000, max: 60_000 },
    capacity: 10,
    queue: { maxMessages: 100_000, maxBytes: 256 * 1024 * 1024, perSender: 0.1, overflow: 'reject' },
    ordering: 'none',
    dedupeWindow: 3_600_000,
    deadLetters: 7 * 86_400_000,
    ...changes,
  };
}

export function serviceSettings(
  pools: readonly PoolSettings[],
  changes: Partial<ServiceSettings> = {},
): ServiceSettings {
  return {
    domain,
    title: 'Worker pools',
    admins: ['admin@example'],
    contacts: { abuse: [], admin: [], feedback: [], sales: [], security: [], status: [], support: [] },
    pools,
    memberGrace: 300_000,
    memory: 64 * 1024 * 1024,
    transfers: {
      workers: [],
      servers: [],
      rules: [],
      drain: 30_000,
      answer: 10_000,
      leave: 60_000,
      back: 120_000,
    },
    version: '1.2.3',
    ...changes,
  };
}

export function message(changes: Partial<MessageEnvelope> = {}): MessageEnvelope {
  return {
    kind: 'message',
    type: 'chat',
    typeAttr: 'chat',
    from: sender,
    to: jobs,
    id: 'm1',
    lang: undefined,
    hint: undefined,
    thread: undefined,
    originId: undefined,
    receipt: undefined,
    refersTo: undefined,
    signal: false,
    error: undefined,
    tail: '<body>hello</body>',
    size: 100,
    ...changes,
  };
}

export function presence(from: string, changes: Partial<PresenceEnvelope> = {}): PresenceEnvelope {
  return {
    kind: 'presence',
    type: 'available',
    from,
    to: jobs,
    id: undefined,
    show: 'online',
    priority: 0,
    muc: false,
    wish: undefined,
    ...changes,
  };
}

/** A member of `jobs` as the store keeps it, labelled by its resource. */
export function storedMember(jid: string, changes: Partial<StoredMember> = {}): StoredMember {
  return {
    pool: 'jobs',
    jid,
    label: resourceOf(jid) ?? '',
    sequence: 1,
    priority: 0,
    show: 'online',
    weight: undefined,
    capacity: undefined,
    drain: false,
    pings: true,
    seen: 1,
    ...changes,
  };
}

export function request(asked: IqRequest, changes: Partial<IqRequestEnvelope> = {}): IqRequestEnvelope {
  const type = asked.name === 'cmr-set' ? 'set' : 'get';
  return { kind: 'iq-request', type, from: sender, to: jobs, id: 'q1', request: asked, payload: '', ...changes };
}

export function response(from: string, id: string, changes: Partial<IqResponseEnvelope> = {}): IqResponseEnvelope {
  return { kind: 'iq-response', from, to: jobs, id, error: undefined, ...changes };
}

/** The key of the alias that a `House` makes as its `n`th, below 32. */
export function aliasKey(n: number): string {
  return 'abcdefghijklmnopqrstuvwxyz234567'.charAt(n % 32).repeat(26);
}

/** Like the real one in that it differs where the answers differ. */
export function testCapsVersion({ features }: { readonly features: readonly string[] }): string {
  return `v${features.length}`;
}

/** A router on a recording `Out`, with a clock that the test moves. */
export class House {
  readonly out = new RecordingOut();
  readonly router: Router;
  now = 1_800_000_000_000;
  #ids = 0;
  #keys = 0;

  constructor(
    settings: ServiceSettings = serviceSettings([poolSettings()]),
    snapshot: Snapshot = emptySnapshot,
    desk: Partial<ServiceDesk> = {},
  ) {
    const newId = (): string => {
      this.#ids += 1;
      return `id-${this.#ids}`;
    };
    const newKey = (): string => {
      this.#keys += 1;
      return aliasKey(this.#keys);
    };
    this.router = new Router(settings, snapshot, this.out, {
      newId,
      newKey,
      ...coreHooks,
      capsVersion: testCapsVersion,
      desk: { ...quietDesk, ...desk },
    });
  }

  /** Gives the router one stanza and returns its outcome; `undefined` while it is open. */
  on(stanza: Parameters<Router['on']>[0]): Outcome | undefined {
    const before = this.out.outcomes.length;
    this.router.on(stanza, this.now);
    return this.out.outcomes[before]?.outcome;
  }

  /** Lets `worker` join, and forgets what was written for it. */
  join(worker: string, changes: Partial<PresenceEnvelope> = {}): void {
    this.on(presence(worker, changes));
    this.answerPings();
    this.out.take();
  }

  /** Answers every ping that stands open, as a living client does. */
  answerPings(): void {
    for (const written of this.out.take()) {
      if (written.call === 'ping') this.on(response(written.to, written.id, { to: written.from }));
    }
  }

  /** Sends messages one after the other and returns the workers that got them, by resource. */
  deal(count: number, changes: Partial<MessageEnvelope> = {}): string[] {
    const got: string[] = [];
    for (let n = 0; n < count; n += 1) {
      this.on(message({ id: `m${n}`, ...changes }));
      for (const written of this.out.take()) {
        if (written.call === 'forward') got.push(written.to.slice(written.to.indexOf('/') + 1));
      }
    }
    return got;
  }

  /** Moves time on in steps of the ticks that the router expects. */
  pass(milliseconds: number): void {
    for (let left = milliseconds; left > 0; left -= 100) {
      this.now += Math.min(100, left);
      this.router.tick(this.now);
    }
  }
}
