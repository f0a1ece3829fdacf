import { makeLabel } from '../../address/address.ts';
import { bareOf } from '../../address/jid.ts';
import type { Member } from '../member.ts';
import type { BoundLabels } from './bound-labels.ts';

const nobody: readonly Member[] = [];

/** The members of one pool, by full JID (static ones by their bare one), by account and by label, in join order. */
export class Roster implements Iterable<Member> {
  readonly #members = new Map<string, Member>();
  readonly #accounts = new Map<string, number>();
  readonly #labels = new Map<string, Member>();
  readonly #bound: BoundLabels | undefined;
  #nextSequence = 1;
  #checking = 0;
  readonly #far = new Set<Member>();
  #version = 0;

  /** @param bound Labels that only their accounts may have. */
  constructor(bound?: BoundLabels) {
    this.#bound = bound;
  }

  get size(): number {
    return this.#members.size;
  }

  /** Members whose ping is under way. Kept by `Pool.setState`. */
  get checking(): number {
    return this.#checking;
  }

  /** Grows with each member that comes or goes. */
  get version(): number {
    return this.#version;
  }

  [Symbol.iterator](): IterableIterator<Member> {
    return this.#members.values();
  }

  get(jid: string): Member | undefined {
    return this.#members.get(jid);
  }

  byLabel(label: string): Member | undefined {
    return this.#labels.get(label);
  }

  /** The static member, a pool of another domain, that `jid` is an address of. */
  farBehind(jid: string): Member | undefined {
    if (this.#far.size === 0) return undefined;
    const member = this.#members.get(bareOf(jid));
    return member?.far === undefined ? undefined : member;
  }

  /** The static members. */
  get far(): readonly Member[] {
    return this.#far.size === 0 ? nobody : [...this.#far];
  }

  /** Whether this very member is still in the pool. */
  holds(member: Member): boolean {
    return this.#members.get(member.jid) === member;
  }

  /** Whether any resource of the account is a member. */
  hasAccount(bare: string): boolean {
    return this.#accounts.has(bare);
  }

  /** Whether any resource of the account is a worker here. */
  hasWorkerOf(bare: string): boolean {
    return this.hasAccount(bare) && this.farBehind(bare) === undefined;
  }

  /** The members that are resources of `bare`. */
  ofAccount(bare: string): readonly Member[] {
    return this.hasAccount(bare) ? [...this].filter((member) => member.bare === bare) : [];
  }

  /** The next place in join order. */
  takeSequence(): number {
    this.#nextSequence += 1;
    return this.#nextSequence - 1;
  }

  /** A label that is free for a worker of `bare`, made from what it wishes. */
  freeLabel(wish: string, bare: string): string {
    return makeLabel(wish, (label) => this.#labels.has(label) || this.#bound?.keepsFrom(label, bare) === true);
  }

  add(member: Member): void {
    this.#version += 1;
    this.#members.set(member.jid, member);
    this.#labels.set(member.label, member);
    const { bare } = member;
    this.#accounts.set(bare, (this.#accounts.get(bare) ?? 0) + 1);
    this.#nextSequence = Math.max(this.#nextSequence, member.sequence + 1);
    if (member.far !== undefined) this.#far.add(member);
    if (member.state === 'checking') this.#checking += 1;
  }

  /** Gives a member another label, made from what it wishes. */
  relabel(member: Member, wish: string): void {
    const before = member.label;
    this.#labels.delete(before);
    member.label = this.freeLabel(wish, member.bare);
    this.#labels.set(member.label, member);
    if (member.label === before) return;
    this.#bound?.bind(before, member.bare, member.seen);
    // It knows itself by the old one.
    member.told = undefined;
  }

  /** @param at When it left, in epoch milliseconds. */
  remove(member: Member, at: number): void {
    this.#version += 1;
    this.#members.delete(member.jid);
    this.#labels.delete(member.label);
    this.#bound?.bind(member.label, member.bare, at);
    const left = (this.#accounts.get(member.bare) ?? 1) - 1;
    if (left > 0) this.#accounts.set(member.bare, left);
    else this.#accounts.delete(member.bare);
    this.#far.delete(member);
    if (member.state === 'checking') this.#checking -= 1;
  }

  setState(member: Member, state: Member['state']): void {
    if (this.holds(member)) {
      if (member.state === 'checking') this.#checking -= 1;
      if (state === 'checking') this.#checking += 1;
    }
    member.state = state;
  }
}
