import type { IqResponseEnvelope, PresenceEnvelope } from '../../envelope.ts';
import type { Offered } from '../../instances/offered.ts';
import { ownCopy } from '../../memory/own-copy.ts';
import type { Out } from '../../ports.ts';
import type { Member } from '../member.ts';
import type { Pool } from '../pool.ts';
import { type ClientFeatures, featuresOf } from './client-features.ts';

/** Versions whose features are remembered; the one that was learnt first is forgotten first. */
const cacheMax = 1_000;
/** Members that wait to be asked. */
const lineMax = 1_000;
/** Requests in one tick, and how many who wait are looked at for them. */
const perTick = 2;
const looksPerTick = 50;
/** How long a client may take to answer, in milliseconds. */
const patience = 30_000;

interface Question {
  readonly pool: Pool;
  readonly member: Member;
  /** What its presence names; `undefined` for one that announces nothing. */
  readonly announced: { readonly node: string; readonly version: string } | undefined;
}

/**
 * Learns what members' clients can do: from the version on their presence (XEP-0115), asking one
 * client a version. An answer is believed only if it has the version that was announced, so that
 * nobody can speak for the clients of others.
 */
export class Capabilities {
  readonly #out: Out;
  readonly #newId: () => string;
  readonly #offered: Offered;
  readonly #learned: (pool: Pool, member: Member, now: number) => void;
  readonly #cache = new Map<string, ClientFeatures>();
  readonly #line = new Map<Member, Question>();
  readonly #open = new Map<string, Question & { readonly deadline: number }>();
  readonly #asking = new Set<string>();

  /** @param learned Told of each answer that says what the client of a member can do. */
  constructor(
    out: Out,
    newId: () => string,
    offered: Offered,
    learned: (pool: Pool, member: Member, now: number) => void,
  ) {
    this.#out = out;
    this.#newId = newId;
    this.#offered = offered;
    this.#learned = learned;
  }

  /** Questions that wait to be asked, or for their answer. */
  get size(): number {
    return this.#line.size + this.#open.size;
  }

  /** Takes in what a member's presence says of its client. */
  hear(pool: Pool, member: Member, caps: PresenceEnvelope['caps']): void {
    if (caps?.version === member.capsVersion) return;
    this.#line.delete(member);
    // What it announces may be a piece of all that was read with it.
    const version = caps === undefined ? undefined : ownCopy(caps.version);
    member.capsVersion = version;
    member.features = undefined;
    if (caps === undefined || version === undefined) return;
    const known = this.#cache.get(version);
    if (known !== undefined) this.#learn(pool, member, known);
    else if (this.#line.size < lineMax) this.#await(pool, member, ownCopy(caps.node), version);
    // Its next presence brings it into the line.
    else member.capsVersion = undefined;
  }

  /** Takes in the answer to a request of ours, or returns false. Matched by peer and id. */
  answer(response: IqResponseEnvelope, now: number): boolean {
    const question = response.id === undefined ? undefined : this.#open.get(response.id);
    if (question === undefined || response.id === undefined || question.member.jid !== response.from) return false;
    this.#close(response.id, question);
    const { pool, member, announced } = question;
    const { info } = response;
    if (info === undefined || (announced !== undefined && announced.version !== info.version)) {
      letAskAgain(question);
      return true;
    }
    const features = featuresOf(info.features);
    // The version is a hash of the answer: it holds for all that announce it.
    this.#remember(info.version, features);
    this.#offered.learn(info.version, info.features);
    if (member.capsVersion !== announced?.version) return true;
    this.#learn(pool, member, features);
    this.#learned(pool, member, now);
    return true;
  }

  /** Asks a client that announces nothing. */
  askOne(pool: Pool, member: Member, now: number): void {
    this.#ask({ pool, member, announced: undefined }, now);
  }

  /** Forgets every open question: the link is gone, and with it the answers. */
  linkDown(): void {
    for (const { member } of this.#open.values()) member.capsVersion = undefined;
    this.#open.clear();
    this.#asking.clear();
  }

  tick(now: number): void {
    for (const [id, question] of this.#open) {
      if (question.deadline > now) break;
      this.#close(id, question);
      letAskAgain(question);
    }
    let asked = 0;
    let looks = 0;
    for (const [member, question] of this.#line) {
      if (asked === perTick || looks === looksPerTick) return;
      looks += 1;
      this.#line.delete(member);
      if (!question.pool.roster.holds(member)) continue;
      const version = question.announced?.version ?? '';
      const known = this.#cache.get(version);
      if (known !== undefined) {
        this.#learn(question.pool, member, known);
        this.#learned(question.pool, member, now);
      } else if (this.#asking.has(version)) {
        this.#line.set(member, question);
      } else {
        this.#ask(question, now);
        asked += 1;
      }
    }
  }

  #ask(question: Question, now: number): void {
    const id = this.#newId();
    const { pool, member, announced } = question;
    const node = announced === undefined ? undefined : `${announced.node}#${announced.version}`;
    this.#out.askInfo(pool.jid, member.jid, id, node);
    this.#open.set(id, { ...question, deadline: now + patience });
    if (announced !== undefined) this.#asking.add(announced.version);
  }

  #close(id: string, { announced }: Question): void {
    this.#open.delete(id);
    if (announced !== undefined) this.#asking.delete(announced.version);
  }

  #await(pool: Pool, member: Member, node: string, version: string): void {
    this.#line.set(member, { pool, member, announced: { node, version } });
  }

  #learn(pool: Pool, member: Member, features: ClientFeatures): void {
    member.features = features;
    if (features.pings) pool.learnPings(member, true);
    const text = `what the client of ${member.jid} can do is known`;
    const detail = { worker: member.jid, ...features };
    this.#out.notice({ level: 'debug', event: 'member-features', pool: pool.settings.name, text, detail });
  }

  #remember(version: string, features: ClientFeatures): void {
    this.#cache.set(version, features);
    if (this.#cache.size <= cacheMax) return;
    const oldest = this.#cache.keys().next();
    if (oldest.done !== true) this.#cache.delete(oldest.value);
  }
}

/** Where it matters what a client can do, one that did not say so is asked again, by itself. */
function letAskAgain({ pool, member, announced }: Question): void {
  if (pool.takers !== undefined && member.capsVersion === announced?.version) member.capsVersion = undefined;
}
