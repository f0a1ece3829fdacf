/** How many stanzas came to one end since the start. */
export interface OutcomeCount {
  /** A kind of `core/outcome.ts`. */
  readonly outcome: string;
  /** Why a stanza was bounced or dropped, else `''`. */
  readonly reason: string;
  /** `''` for what belongs to no pool. */
  readonly pool: string;
  readonly count: number;
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
  /** Why it is not ready; none when it is. */
  readonly reasons: readonly { readonly code: string; readonly text: string }[];
  /** Bytes. */
  readonly memory: { readonly rss: number; readonly heap: number };
  /** How late the event loop is, in milliseconds: of the last minute, all but the worst hundredth. */
  readonly loopDelay: number;
  readonly outcomes: readonly OutcomeCount[];
}
