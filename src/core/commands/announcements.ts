import { bareOf } from '../address/jid.ts';
import { reachable } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { Service } from '../service.ts';

/** Announcements that may be under way at a time. */
const most = 8;
/** How many people a tick tells, ten times a second: an announcement shall not crowd out work. */
const pace = 20;

/** Whom an announcement is for. */
export type Audience = 'workers' | 'owners';

/** One headline for many. */
interface Announcement {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
  next: number;
  untold: number;
}

/** Tells workers and owners what an operator has to say: each once, by a headline, and not all at the same moment. */
export class Announcements {
  readonly #service: Service;
  readonly #open: Announcement[] = [];
  #attached = false;

  constructor(service: Service) {
    this.#service = service;
  }

  /** Announcements that are under way. */
  get open(): number {
    return this.#open.length;
  }

  linkUp(): void {
    this.#attached = true;
  }

  linkDown(): void {
    this.#attached = false;
  }

  /**
   * Begins to tell everybody who is meant in `pools`.
   * @param from The address that it comes from.
   * @returns How many will be told; `undefined` when too many announcements are under way.
   */
  begin(from: string, pools: Iterable<Pool>, audience: Audience, text: string): number | undefined {
    if (this.#open.length >= most) return undefined;
    const to = [...new Set([...pools].flatMap((pool) => (audience === 'workers' ? workersOf(pool) : ownersOf(pool))))];
    if (to.length > 0) this.#open.push({ from, to, text, next: 0, untold: 0 });
    return to.length;
  }

  /** Tells the next few. */
  tick(): void {
    const [announcement] = this.#open;
    if (announcement === undefined || !this.#attached) return;
    const { out } = this.#service;
    const { from, to, text } = announcement;
    for (const jid of to.slice(announcement.next, announcement.next + pace)) {
      const sent = out.announce(from, jid, text);
      // The server does not read: this one is told later.
      if (sent === 'congested' || sent === 'link-down') return;
      announcement.next += 1;
      if (sent === 'too-large') announcement.untold += 1;
    }
    if (announcement.next < to.length) return;
    this.#open.shift();
    this.#end(announcement);
  }

  /** The service ends; who was not told yet is not told. */
  drain(): void {
    for (const announcement of this.#open.splice(0)) this.#end(announcement);
  }

  #end(announcement: Announcement): void {
    const told = announcement.next - announcement.untold;
    const untold = announcement.to.length - told;
    this.#service.out.notice({
      level: untold === 0 ? 'info' : 'warn',
      event: 'announced',
      pool: undefined,
      text: `an announcement was sent to ${told}${untold === 0 ? '' : `, and not to ${untold}`}`,
      detail: { told, untold },
    });
  }
}

function workersOf({ roster }: Pool): readonly string[] {
  return [...roster].filter((member) => reachable(member) && member.far === undefined).map(({ jid }) => jid);
}

/** Owners who are people: a pattern for many has no address. */
function ownersOf({ settings }: Pool): readonly string[] {
  return settings.owners.filter((pattern) => pattern.includes('@') && !pattern.includes('*')).map(bareOf);
}
