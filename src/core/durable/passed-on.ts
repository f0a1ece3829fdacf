import { ownCopy } from '../memory/own-copy.ts';

/** Names remembered of one pool; the oldest go first. */
const most = 4_096;

/** What tells a delivery that went on to a pool of another domain. */
interface PassedOn {
  readonly sender: string;
  readonly wire: string;
  readonly name: string | undefined;
}

/**
 * How senders call the messages that pools of other domains have now, where these went out under another id: a receipt
 * or an error that comes later names that. Nearly every message keeps its own id, and is not here.
 */
export class PassedOnNames {
  readonly #names = new Map<string, string>();

  note({ sender, wire, name }: PassedOn): void {
    if (name === undefined || name === wire) return;
    this.#names.set(keyOf(sender, wire), ownCopy(name));
    const oldest = this.#names.size > most ? this.#names.keys().next() : undefined;
    if (oldest?.done === false) this.#names.delete(oldest.value);
  }

  /** How `sender` calls what went out as `wire`; `undefined` where that is his own id, or nobody knows any more. */
  nameOf(sender: string, wire: string): string | undefined {
    return this.#names.size === 0 ? undefined : this.#names.get(keyOf(sender, wire));
  }
}

function keyOf(sender: string, wire: string): string {
  return `${sender}\0${wire}`;
}
