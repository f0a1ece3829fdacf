import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a party of the lab saw or did. `at` is milliseconds of the machine's steady clock: one clock for all processes. */
export type LabEvent = SenderEvent | WorkerEvent | LabNote;

/** Written by a sender: `who` is its full JID, `id` the message's, unique in the run. */
export type SenderEvent = Stamp &
  (
    | {
        readonly kind: 'sent';
        readonly id: string;
        /** Counts the sender's messages from 1. */
        readonly seq: number;
        /** Sent before, under the same origin-id. */
        readonly again: boolean;
      }
    /** The pool says that it has accepted the message. */
    | { readonly kind: 'queued'; readonly id: string }
    /** The receipt that the sender had asked for. */
    | { readonly kind: 'receipt'; readonly id: string }
    | { readonly kind: 'bounce'; readonly id: string; readonly condition: string }
    /** A worker's answer: for whom and for which message it was written. */
    | { readonly kind: 'answer'; readonly id: string; readonly sender: string; readonly from: string }
  );

/** Written by a worker: `who` is its full JID. */
export type WorkerEvent = Stamp &
  (
    | {
        readonly kind: 'got';
        readonly id: string;
        /** As the sender wrote into the message. */
        readonly sender: string;
        readonly seq: number;
        /** As the router addressed it. */
        readonly from: string;
        readonly stanzaId?: string | undefined;
        readonly attempt?: number | undefined;
        /** Milliseconds that the router gives for it, at least. */
        readonly allowed?: number | undefined;
      }
    /** It has told, or is about to tell, the router that the message is done (or received, by a receipt). */
    | { readonly kind: 'acknowledged'; readonly id: string }
    /** The work is done. */
    | { readonly kind: 'finished'; readonly id: string }
    /** It refuses the message, for itself or for good. */
    | { readonly kind: 'rejected'; readonly id: string; readonly requeue: boolean }
    /** A message whose text is not as it was sent. */
    | { readonly kind: 'garbled'; readonly text: string }
    /** It has asked for so many milliseconds more. */
    | { readonly kind: 'extended'; readonly id: string; readonly by: number }
  );

/** Written by whoever breaks things. */
export type LabNote = Stamp &
  (
    | { readonly kind: 'fault'; readonly what: string }
    | { readonly kind: 'healed'; readonly what: string }
    /** From here on the worker `who` does not work: killed, stopped, cut off or told to leave; until it is `back`. */
    | { readonly kind: 'gone' }
    | { readonly kind: 'back' }
    /** What the store held when all was over. */
    | { readonly kind: 'stored'; readonly open: readonly string[]; readonly dead: readonly string[] }
    | { readonly kind: 'tally'; readonly tally: StoredTally }
  );

interface Stamp {
  readonly at: number;
  readonly who: string;
}

/** The store's own books of a pool, over all restarts. */
export interface StoredTally {
  readonly accepted: number;
  readonly acknowledged: number;
  readonly bounced: number;
  readonly purged: number;
  readonly dead: number;
  readonly open: number;
}

/** An event without its stamp. */
export type Unstamped<Event extends LabEvent> = Event extends LabEvent ? Omit<Event, 'at' | 'who'> : never;

/** Milliseconds of the clock that all processes of the machine share and nobody sets. */
export function steadyNow(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** One party's log: a line an event, written before the next thing is done, so that a killed process has logged all. */
export class EventLog {
  readonly #file: string;

  /** @param folder Where all logs of the run are. */
  constructor(folder: string, name: string) {
    this.#file = join(folder, `${name.replaceAll(/[^\w.-]/g, '_')}.log`);
  }

  write(who: string, event: Unstamped<LabEvent>): void {
    appendFileSync(this.#file, `${JSON.stringify({ at: steadyNow(), who, ...event })}\n`);
  }
}

/** All events of a run, oldest first. A last line that a kill cut short is left out. */
export function readEvents(folder: string): readonly LabEvent[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.log'))
    .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1))
    .map((line) => JSON.parse(line) as LabEvent)
    .sort((a, b) => a.at - b.at);
}
