import type { Member, WorkObserver } from '../pool/member.ts';

/** Says who must not be picked this time. */
export type Exclusion = (member: Member) => boolean;

/**
 * Picks among members; which members are eligible is decided before. A policy is told of every
 * member that becomes eligible (`add`) and that no longer is (`remove`), and, if it wants to know, of their work.
 */
export interface Selector extends Partial<WorkObserver> {
  add(member: Member): void;
  remove(member: Member): void;
  /** Priority, show or weight of a member has changed. */
  update(member: Member): void;
  /**
   * A member gets nothing for a while, and keeps its place: when it resumes, it is as far ahead of the others, or
   * behind, as it was. Nothing happens to one that rests already, or is unknown.
   */
  pause(member: Member): void;
  /** A member that rests takes its turns again. */
  resume(member: Member): void;
  /**
   * The member that gets the next message, or `undefined` when there is none.
   * @param key What the message is about, as a hash; only `sticky` looks at it.
   */
  pick(now: number, exclude?: Exclusion, key?: number): Member | undefined;
  /** The member that `pick` would return now. No later pick depends on whether somebody has looked. */
  peek(now: number, exclude?: Exclusion, key?: number): Member | undefined;
}

/** A policy that gives one message to several members. */
export interface PickAll {
  /** In join order. Valid until the next change of the selector. */
  pickAll(now: number): readonly Member[];
}
