import { bareOf } from '../address/jid.ts';
import type { Member } from '../pool/member.ts';
import { type Destination, sameServer } from './destination.ts';
import type { TransferForm } from './order.ts';

/**
 * Where a worker is on its way. `asking`: what it can do is not known yet. `draining`: it gets
 * nothing new and finishes what it has. `told`: the transfer was sent. `leaving`: it said yes.
 * `away`: it has left every pool. `over`: see `MoveResult`.
 */
export type MoveStage = 'asking' | 'draining' | 'told' | 'leaving' | 'away' | 'over';

/** The stages of a worker that is on its way, in order. */
export const openStages = ['asking', 'draining', 'told', 'leaving', 'away'] as const satisfies readonly MoveStage[];

/**
 * How it ended. `moved`: it left and came back. `refused`: it said no. `unsupported`: it does not
 * know transfers. `silent`: no answer. `stayed`: it said yes, and did not leave, or says that it came
 * back to where it was. `lost`: it left, and did not come back in time. `gone`: it had left by itself
 * before it was told. `cancelled`: the operator changed his mind before it was told.
 */
export type MoveResult = 'moved' | 'refused' | 'unsupported' | 'silent' | 'stayed' | 'lost' | 'gone' | 'cancelled';

/** Every result there is, the good one first. */
export const moveResults: readonly MoveResult[] = [
  'moved',
  'refused',
  'unsupported',
  'silent',
  'stayed',
  'lost',
  'gone',
  'cancelled',
];

/** One worker's way to another server, from the decision to the end. Times are epoch milliseconds. */
export class Move {
  /** Full JID of the worker when it was chosen. */
  readonly jid: string;
  readonly bare: string;
  /** Where it shall go; `undefined` to connect again as it finds its server by itself. */
  readonly to: Destination | undefined;
  /** Where it said that it was, before. */
  was: Destination | undefined;
  /** The pools that it worked in. */
  pools: readonly string[] = [];
  stage: MoveStage = 'asking';
  form: TransferForm = 'cxfr';
  result: MoveResult | undefined;
  /** More about the result, in words. */
  reason: string | undefined;
  /** Id of our request that waits for its answer. */
  request: string | undefined;
  /** When the present stage has taken too long. */
  deadline = Number.POSITIVE_INFINITY;
  beganAt = 0;
  toldAt: number | undefined;
  leftAt: number | undefined;
  endedAt: number | undefined;
  /** Messages that it had not answered when it was told. */
  unfinished = 0;
  /** Full JID that it came back with. */
  returnedAs: string | undefined;

  constructor(jid: string, to: Destination | undefined) {
    this.jid = jid;
    this.bare = bareOf(jid);
    this.to = to;
  }
}

/** Whether a worker says that it is where it shall go. */
export function saysItIsThere({ server }: Member, { to }: Move): boolean {
  return server !== undefined && to !== undefined && sameServer(server, to);
}

/** Whether it says that it is back where it was: a client that is not let in elsewhere goes there. */
export function saysItIsBack(member: Member, move: Move): boolean {
  const { server } = member;
  if (server === undefined || move.was === undefined || move.to === undefined) return false;
  return sameServer(server, move.was) && !saysItIsThere(member, move);
}
