import { bareOf } from '../address/jid.ts';
import type { Command } from '../commands/command.ts';
import type { StageAction } from './actions.ts';
import type { Filled } from './form.ts';
import type { Cursor } from './paging.ts';

/** Milliseconds that a session is kept for after it was used last. */
const lifetime = 600_000;
/** Most sessions that one account has at a time: its oldest gives way to one more. */
const perAccount = 8;
/** Most sessions in all. */
const most = 64;
/** Ids of sessions that are over are remembered, so that their callers can be told so. */
const remembered = 256;

/** A command that somebody is about to give (XEP-0050 section 3.3). */
export interface Session {
  readonly id: string;
  /** Full JID of who opened it: nobody else may go on with it. */
  readonly jid: string;
  /** The address that he wrote to. */
  readonly address: string;
  readonly command: Command;
  /** The pool that it is about, once that was asked for by itself. */
  subject: string | undefined;
  stage: 'subject' | 'form' | 'confirm' | 'pages';
  /** What he may do now; the first is what `execute` means. */
  offers: readonly StageAction[];
  filled: Filled;
  /** Where each page that was shown begins, the one at hand last. */
  trail: readonly Cursor[];
  /** Where the next page begins, if there is one. */
  following: Cursor | undefined;
  /** The command is being carried out. */
  busy: boolean;
  usedAt: number;
}

/** Who opens a session, where, and for what. */
type Opening = Pick<Session, 'jid' | 'address' | 'command'>;

/** The sessions that are open: few for each account, few in all, and none for long. */
export class Sessions {
  readonly #newId: () => string;
  /** By id, the one that was used last at the end. */
  readonly #open = new Map<string, Session>();
  /** The callers of sessions that are over, by id. */
  readonly #ended = new Map<string, string>();

  /** @param newId Makes ids that nobody can guess. */
  constructor(newId: () => string) {
    this.#newId = newId;
  }

  get open(): number {
    return this.#open.size;
  }

  /** Opens a session; `undefined` when there is no room. An administrator gets room at the cost of the oldest. */
  begin(opening: Opening, admin: boolean, now: number): Session | undefined {
    const own = [...this.#open.values()].filter(({ jid }) => bareOf(jid) === bareOf(opening.jid));
    const crowded = own.length >= perAccount;
    const [oldest] = crowded ? own : this.#open.values();
    if (oldest !== undefined && (crowded || (admin && this.#open.size >= most))) this.end(oldest);
    if (this.#open.size >= most) return undefined;
    const session: Session = {
      ...opening,
      id: this.#newId(),
      subject: undefined,
      stage: 'form',
      offers: [],
      filled: new Map(),
      trail: [],
      following: undefined,
      busy: false,
      usedAt: now,
    };
    this.#open.set(session.id, session);
    return session;
  }

  /** The session of this id, if it is his, and used from now on; else why not (XEP-0050 section 4.5). */
  use(id: string, { jid, address, command }: Opening, now: number): Session | 'expired' | 'unknown' {
    this.tick(now);
    const session = this.#open.get(id);
    if (session === undefined) return this.#ended.get(id) === jid ? 'expired' : 'unknown';
    if (session.jid !== jid || session.address !== address || session.command !== command) return 'unknown';
    session.usedAt = now;
    this.#open.delete(id);
    this.#open.set(id, session);
    return session;
  }

  isOpen({ id }: Session): boolean {
    return this.#open.has(id);
  }

  end({ id, jid }: Session): void {
    if (!this.#open.delete(id)) return;
    this.#ended.set(id, jid);
    if (this.#ended.size <= remembered) return;
    const oldest = this.#ended.keys().next();
    if (oldest.done !== true) this.#ended.delete(oldest.value);
  }

  /** Ends those that nobody has used for long. */
  tick(now: number): void {
    for (const session of this.#open.values()) {
      if (now - session.usedAt < lifetime) return;
      this.end(session);
    }
  }
}
