/** How many stanzas came to one end since the start. */
export interface OutcomeCount {
  /** A kind of `core/outcome/outcome.ts`. */
  readonly outcome: string;
  /** Why a stanza was bounced or dropped, else `''`. */
  readonly reason: string;
  /** `''` for what belongs to no pool. */
  readonly pool: string;
  readonly count: number;
}

/** Which of the instances that share a database this one is. */
export interface InstanceStatus {
  readonly name: string;
  /** Differs from process to process. */
  readonly id: string;
  readonly role: 'active' | 'standby';
  /** Of the lease that it has; `null` without one. */
  readonly epoch: number | null;
  /** Since when it has this role; ISO 8601. */
  readonly since: string;
  /** Milliseconds since the database was asked that told of the others; `null` before it has answered. */
  readonly viewAge: number | null;
  /** The others that are alive, as the database told last. */
  readonly others: readonly {
    readonly name: string;
    readonly id: string;
    readonly role: string;
    /** In what its configuration differs from that of this one: keys, for people. */
    readonly differs: readonly string[];
  }[];
}

/** How the process is doing around the core; times are epoch milliseconds. */
export interface ServiceStatus {
  readonly started: number;
  readonly link: {
    readonly up: boolean;
    /** Since when; `undefined` when it was never made. */
    readonly since: number | undefined;
  };
  readonly store: { readonly kind: string; readonly failed: boolean };
  /** `undefined` where the store is of one process. */
  readonly instance: InstanceStatus | undefined;
  /** Why it is not ready; none when it is. */
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
  /** Bytes. */
  readonly memory: { readonly rss: number; readonly heap: number };
  /** How late the event loop is, in milliseconds: of the last minute, all but the worst hundredth. */
  readonly loopDelay: number;
  readonly outcomes: readonly OutcomeCount[];
}
