/** What the bench asks of the hub, and is told. */
export type HubRequest =
  /** Opens a port for each domain. `front` is written to; workers join `joins`, by their domain. */
  | {
      readonly ask: 'listen';
      readonly front: string;
      readonly joins: readonly string[];
      readonly others: readonly string[];
    }
  /** Lets the workers join, and waits until a message has come to each of them. */
  | { readonly ask: 'join' }
  | { readonly ask: 'window'; readonly inFlight: number; readonly seconds: number }
  | { readonly ask: 'rate'; readonly perSecond: number; readonly seconds: number };

export type HubReply =
  | { readonly tell: 'ports'; readonly ports: Readonly<Record<string, number>> }
  | { readonly tell: 'done' }
  | { readonly tell: 'phase'; readonly result: Phase }
  | { readonly tell: 'failed'; readonly text: string };

/** What a phase came to. */
export interface Phase {
  readonly sent: number;
  readonly received: number;
  readonly seconds: number;
  /** CPU seconds of the hub. */
  readonly cpu: number;
  /** Milliseconds from the sender to the worker, at a fixed rate. */
  readonly latency?: { readonly p50: number; readonly p99: number };
}
