/** State of the queue of one pool that delivers at least once. */
export interface QueueGauges {
  readonly ready: number;
  readonly leased: number;
  readonly dead: number;
  /** Of those that are ready or leased. */
  readonly bytes: number;
  /** How long the oldest that is ready has waited, in seconds. */
  readonly oldest: number;
  /** How many workers would be busy with those that are ready or leased. */
  readonly workersWanted: number;
  /** Why nothing goes out; `undefined` while something does, or nothing is ready. The reasons are few and fixed. */
  readonly stall: string | undefined;
}

/** State of one pool at the time of a scrape. */
export interface PoolGauges {
  readonly pool: string;
  /** Members by state, such as `{ active: 3, draining: 1 }`; the states are few and fixed. */
  readonly members: Readonly<Record<string, number>>;
  readonly eligible: number;
  readonly waiting: number;
  /** Requests that workers have and have not answered. */
  readonly requests: number;
  /** Subscriptions to PubSub nodes by state; empty for a pool that has none. */
  readonly subscriptions: Readonly<Record<string, number>>;
  /** `undefined` for a pool that keeps no messages. */
  readonly queue?: QueueGauges | undefined;
}

/** State of the link; all counts are since the start of the process. */
export interface LinkGauges {
  readonly state: string;
  /** All states there are. */
  readonly states: readonly string[];
  /** Whether its self-test failed. */
  readonly suspect: boolean;
  readonly receivedBytes: number;
  readonly sentBytes: number;
  readonly outBufferBytes: number;
  /** Reconnects by kind of problem; the kinds are few and fixed. */
  readonly reconnects: Readonly<Record<string, number>>;
}

/** State of the store. */
export interface StoreGauges {
  readonly pendingRows: number;
  /** Commits that failed for good since the start of the process. */
  readonly failures: number;
}

/** Which of the instances that share a database this one is. */
export interface InstanceGauges {
  readonly active: boolean;
  readonly epoch: number;
  /** Milliseconds. */
  readonly leaseLeft: number;
  /** Milliseconds; `undefined` before the database has answered. */
  readonly viewAge: number | undefined;
  readonly takeovers: number;
  /** Others that are alive and are configured otherwise. */
  readonly unlike: number;
}

/** Read at each scrape and at no other time, so they cost nothing in between. Must not throw. */
export interface MetricSources {
  readonly pools: () => Iterable<PoolGauges>;
  readonly link: () => LinkGauges;
  readonly store: () => StoreGauges;
  /** Workers that are being transferred, by stage; the stages are few and fixed. */
  readonly transfers: () => Readonly<Record<string, number>>;
  /** Sizes of the files of the store in bytes, by what they are: few and fixed words. */
  readonly storeFiles: () => Readonly<Record<string, number>>;
  /** Of the HTTP server, where there is one: what it refused since the start, by code; the codes are few and fixed. */
  readonly http: () => { readonly refusals: Readonly<Record<string, number>>; readonly streams: number };
  readonly instance: () => InstanceGauges;
  /** Codes of why the service is not ready, each once; the codes are few and fixed. */
  readonly unready: () => readonly string[];
}
