import type { ErrorCode } from '../errors.ts';
import type { Pool } from '../pool/pool.ts';
import type { Transfers } from '../transfer/transfers.ts';
import type { Field } from './field.ts';

/** Who gives a command. An administrator may give every command, an owner those for owners. */
export type Role = 'admin' | 'owner';

/** What commands act on. */
export interface CommandHouse {
  readonly pools: ReadonlyMap<string, Pool>;
  readonly transfers: Transfers;
}

/** What became of a command. `done` holds plain values only, fit for JSON. */
export type CommandResult =
  | { readonly done: object }
  | {
      readonly refused: ErrorCode;
      /** The field that is to blame. */
      readonly field?: string;
      /** More than the error table says. */
      readonly text?: string;
    };

/** What was given with a command, once every field was found good. */
export interface Input {
  of<T>(field: Field<T>): T;
}

/**
 * One thing that an operator can do. Every door (ad-hoc commands, HTTP, the command line) reads the
 * same list, so that none can do what another cannot, and each is checked by the same rules.
 */
export interface Command {
  /** Stable: `thing.verb`. */
  readonly name: string;
  readonly title: string;
  /** For people, a sentence or two. */
  readonly help: string;
  /** Who may give it. */
  readonly role: Role;
  readonly fields: readonly Field<unknown>[];
  readonly effect: (house: CommandHouse, input: Input, now: number) => CommandResult;
}
