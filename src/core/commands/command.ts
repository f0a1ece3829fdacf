import type { ErrorCode } from '../errors/errors.ts';
import type { Pool } from '../pool/pool.ts';
import type { Out } from '../ports.ts';
import type { ServiceSettings } from '../settings.ts';
import type { Transfers } from '../transfer/transfers.ts';
import type { Announcements } from './announcements.ts';
import type { Field } from './field.ts';
import type { JsonObject } from './merge-patch.ts';
import type { Queues } from './queues.ts';
import type { ServiceStatus } from './service-status.ts';
import type { Steering } from './steering.ts';

export type Role = 'admin' | 'owner';

/** Who gives a command: an administrator may give every one; an owner those for owners, and only about pools that are theirs. */
export interface Caller {
  readonly role: Role;
  /** For the log and for what is kept with a change: a bare JID, or `http`, `socket`, `signal`. */
  readonly name: string;
  /** An owner's whole address, where pools are somebody's by it; left out, it is the name. */
  readonly jid?: string;
}

/** A pool that was made while the router ran. */
export interface MadePool {
  /** As they would stand under `pools` in the configuration. */
  readonly settings: JsonObject;
  /** Who made it, or changed it last. */
  readonly by: string;
  /** Epoch milliseconds of that. */
  readonly at: number;
}

/** The pools that are made while the router runs: they are kept, checked and opened as those of the configuration. No promise rejects. */
export interface PoolBook {
  /** `undefined` for a pool of the configuration, and for none. */
  find(name: string): MadePool | undefined;
  make(name: string, settings: JsonObject, by: string, now: number): Promise<CommandEnd>;
  /** Gives a pool that was made other settings. */
  change(name: string, settings: JsonObject, by: string, now: number): Promise<CommandEnd>;
  remove(name: string): Promise<CommandEnd>;
}

/** What commands need and the core cannot do itself. */
export interface ServiceDesk {
  status(): ServiceStatus;
  /** Reads the configuration again, all or nothing. Never rejects. */
  reload(): Promise<CommandEnd>;
  readonly pools: PoolBook;
  /** Begins to give the place of the active instance to another; returns at once. */
  stepDown(): CommandEnd;
  /** Begins to end the process; returns at once. */
  shutdown(): void;
}

/** What commands act on. */
export interface CommandHouse {
  readonly pools: ReadonlyMap<string, Pool>;
  readonly transfers: Transfers;
  readonly steering: Steering;
  /** `undefined` where no pool keeps messages. */
  readonly queues: Queues | undefined;
  /** Takes down what was done, by whom. */
  readonly notice: Out['notice'];
  readonly about: Pick<ServiceSettings, 'domain' | 'version'>;
  readonly announcements: Pick<Announcements, 'begin'>;
  readonly desk: ServiceDesk;
  /** Who gives the command; for an owner there are only pools that are his. */
  readonly caller: Caller;
}

/** Why a command was not done. */
export interface Refusal {
  readonly refused: ErrorCode;
  /** The field that is to blame. */
  readonly field?: string;
  /** More than the error table says. */
  readonly text?: string;
}

/** What became of a command in the end. `done` holds plain values only, fit for JSON. */
export type CommandEnd = { readonly done: object } | Refusal;

/** What became of a command. `later`: it waits for the store; the promise never rejects. */
export type CommandResult = CommandEnd | { readonly later: Promise<CommandEnd> };

/** What was given with a command, once every field was found good. */
export interface Input {
  of<T>(field: Field<T>): T;
}

/** What stands now: for each field that has a value its text, or the texts of its list. */
export type CurrentTexts = ReadonlyMap<string, readonly string[]>;

/** One thing that an answer tells. */
export interface Column {
  /** Key in the answer, or in each row of it. */
  readonly key: string;
  /** For people, a word or two. */
  readonly label: string;
  /** What stands there, or `null`; `text` when nothing is said. */
  readonly kind?: ColumnKind;
}

/** `time`: ISO 8601; `bytes`: a size; the others as JSON has them. */
export type ColumnKind = 'text' | 'time' | 'bytes' | 'number' | 'flag' | 'list' | 'object';

/** How an answer is shown to people: in a table, on a form. An answer may hold more, and a `text` that sums it up. */
export interface View {
  /** Key of the list whose items are the rows; `undefined` when the answer itself is shown, value by value. */
  readonly rows: string | undefined;
  readonly columns: readonly Column[];
}

/**
 * One thing that an operator can do. Every door (ad-hoc commands, HTTP, the command line) reads the
 * same list, so that none can do what another cannot, and each is checked by the same rules.
 */
export interface Command {
  /** Stable: `things.verb`. */
  readonly name: string;
  readonly title: string;
  /** For people, a sentence or two. */
  readonly help: string;
  /** Who may give it. */
  readonly role: Role;
  /** It only reads: it may be given twice, or by a page that is opened again. */
  readonly reads?: true;
  /** Its answer tells what messages say, or who writes to whom. */
  readonly confidential?: true;
  /** What is lost by it for good, as a sentence; doors ask before. */
  readonly destroys?: string;
  readonly fields: readonly Field<unknown>[];
  /** What stands now of a pool, as texts by the names of the fields: a form for people begins with it. */
  readonly current?: (house: CommandHouse, pool: string) => CurrentTexts | Refusal;
  readonly view: View;
  readonly effect: (house: CommandHouse, input: Input, now: number) => CommandResult;
}
