import { ownCopy } from '../memory/own-copy.ts';

/** Versions of clients whose features are kept, and the most of one client. */
const versionsMost = 200;
const featuresMost = 64;
/** The longest feature that is kept, in UTF-16 code units. */
const longest = 128;

/** Matters between a client and its server, and requests that never reach a worker. */
const notForSenders =
  /^(http:\/\/jabber\.org\/protocol\/(disco#|caps|pubsub|commands|bytestreams|si\b|rosterx)|jabber:iq:(version|last|time)|urn:xmpp:(ping|time|mam|blocking|carbons|cmr|cxfr|push|bookmarks)|vcard|urn:x-switchyard:)|\+notify$/;

const nothing: readonly string[] = [];

/**
 * What workers can do for senders, by the version that their clients announce (XEP-0115). Bounded
 * for all pools together: the version that was learnt first is forgotten first.
 */
export class Offered {
  readonly #versions = new Map<string, readonly string[]>();

  /** Takes in what clients of a version can do (XEP-0030). */
  learn(version: string, features: readonly string[]): void {
    const kept = features.filter((feature) => feature.length <= longest && !notForSenders.test(feature));
    // Pieces of the answer would keep all of it in memory.
    this.#versions.set(version, kept.slice(0, featuresMost).map(ownCopy));
    if (this.#versions.size <= versionsMost) return;
    const oldest = this.#versions.keys().next();
    if (oldest.done !== true) this.#versions.delete(oldest.value);
  }

  /** What clients of a version can do for senders; nothing while that is not known. Always the same list. */
  of(version: string | undefined): readonly string[] {
    return version === undefined ? nothing : (this.#versions.get(version) ?? nothing);
  }
}
