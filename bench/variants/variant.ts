import type { Service } from '../mock/protocol.ts';

/** What a component under test is given. */
export interface Site {
  /** Port of the mock on 127.0.0.1. */
  readonly port: number;
  readonly service: Omit<Service, 'senders'>;
  /** An empty folder of its own, removed afterwards. */
  readonly folder: string;
}

/** A component made ready to be started. */
export interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  /** Resolves when it says that it is ready; called once it is attached. */
  ready(stop: AbortSignal): Promise<void>;
  /** Looks at its own count of the messages after `sent` were answered; gives what is wrong. */
  audit(sent: number): Promise<readonly string[]>;
  /** How late its event loop was since the last call; `undefined` when it does not tell. */
  loopDelay(): Promise<LoopDelay | undefined>;
}

/** Delays of an event loop in microseconds, beyond the period of the timer that samples them. */
export interface LoopDelay {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export type VariantName = 'relay' | 'router' | 'crowd' | 'naive' | 'slixmpp' | 'durable' | 'durable-postgres';

/** One way to build a component, measured beside the others. */
export interface Variant {
  readonly name: VariantName;
  /** For the tables. */
  readonly title: string;
  /** Distributes to workers; otherwise it sends everything back as it was. */
  readonly distributes: boolean;
  /** Its workers join by presence; otherwise they are given to it. */
  readonly joins: boolean;
  /** Its workers acknowledge what they get. */
  readonly acknowledges?: true;
  /** How many senders write to it. */
  readonly senders: number;
  /** Why it cannot run here, or `undefined`. */
  missing(): string | undefined;
  prepare(site: Site): Promise<Launch>;
}

/** A component that tells nothing of itself: attached is ready, and there is nothing to audit. */
export function silent(command: string, args: readonly string[]): Launch {
  return {
    command,
    args,
    ready: () => Promise.resolve(),
    audit: () => Promise.resolve([]),
    loopDelay: () => Promise.resolve(undefined),
  };
}
