/** What the bench asks of the mock's process, one at a time, and what it hears back. */

/** The service that the component under test attaches as. */
export interface Service {
  readonly domain: string;
  readonly secret: string;
  /** Bare JID of the pool that all messages go to. */
  readonly pool: string;
  /** How many senders take turns; a power of ten. */
  readonly senders: number;
  /** Full JIDs that replies must go to in turn; empty when the component sends everything back as it is. */
  readonly workers: readonly string[];
  /** Who joins other pools, and gets nothing there. */
  readonly bystanders?: readonly { readonly worker: string /** Bare JID. */; readonly pool: string }[];
  /** The workers acknowledge what they get by receipts (XEP-0184). */
  readonly acknowledges?: boolean | undefined;
}

export type MockRequest =
  | { readonly ask: 'listen'; readonly service: Service }
  /** Ends the process `pid`, too, should the bench itself be killed. */
  | { readonly ask: 'guard'; readonly pid: number }
  | { readonly ask: 'attached' }
  /** The workers join the pool by presence, and wait for its answers. */
  | { readonly ask: 'join' }
  /** A fixed number of messages, each reply read in full. */
  | { readonly ask: 'check'; readonly messages: number }
  /** A fixed number in flight, for a time or until so many messages were sent. */
  | {
      readonly ask: 'window';
      readonly inFlight: number;
      readonly seconds: number;
      readonly messages: number | undefined;
    }
  /** A fixed rate, whatever comes back. */
  | { readonly ask: 'rate'; readonly perSecond: number; readonly seconds: number }
  /** So many messages, as fast as they are read, and no wait for replies. Those after the first are of one phase with it. */
  | { readonly ask: 'flood'; readonly messages: number; readonly first: boolean }
  /**
   * No new messages: the workers take what there is, and acknowledge so many a second, or all at once
   * until nothing comes any more. The latency is from a receipt to the same worker's next message.
   */
  | { readonly ask: 'drain'; readonly perSecond: number | undefined; readonly seconds: number };

/** The end of one phase of load. */
export interface PhaseResult {
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  readonly faults: readonly string[];
  /** From the first message sent to the last reply read. */
  readonly seconds: number;
  /** CPU time of the mock. */
  readonly mockCpuSeconds: number;
  /** For `rate`: from the moment a message was due to its reply, in microseconds. */
  readonly latency: Latency | undefined;
  /** For `check`: replies by worker. */
  readonly shares: Readonly<Record<string, number>>;
}

export interface Latency {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export type MockReply =
  | { readonly tell: 'done' }
  | { readonly tell: 'listening'; readonly port: number }
  | { readonly tell: 'phase'; readonly result: PhaseResult }
  | { readonly tell: 'failed'; readonly text: string };
