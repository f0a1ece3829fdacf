/** What the children of a message say to the router; filled by the scanner or from the tree. */
export interface MessageChildren {
  hint: string | undefined;
  thread: string | undefined;
  originId: string | undefined;
  receipt: string | undefined;
  /** `id` of the first receipt or marker. */
  acknowledges: string | undefined;
  /** `id` of the first correction, retraction, reaction or reply. */
  reference: string | undefined;
  /** `via` of each hop, as many as matter; `''` for one that is missing. */
  hops: string[] | undefined;
  /** It says from whom it originally came (XEP-0033), as the first pool that it passed writes it. */
  ofrom: boolean;
  /** A ping or pong of DIX. */
  instance: 'ping' | 'pong' | undefined;
  /** A chat state, receipt, marker or hint is among them. */
  signals: boolean;
  /** Something is among them that makes it more than a signal. */
  content: boolean;
}

export function noChildren(): MessageChildren {
  return {
    hint: undefined,
    thread: undefined,
    originId: undefined,
    receipt: undefined,
    acknowledges: undefined,
    reference: undefined,
    hops: undefined,
    ofrom: false,
    instance: undefined,
    signals: false,
    content: false,
  };
}

/** One more than a message may have: it is refused for these. */
const hopsMax = 4;

/** Notes that the message has passed the pool `via`, as the `n`th; those before may have no element. */
export function addHop(found: MessageChildren, n: string | undefined, via: string | undefined): void {
  const hops = found.hops ?? [];
  const place = Math.min(Number(n ?? 0), hopsMax);
  while (hops.length + 1 < place) hops.push('');
  if (hops.length < hopsMax) hops.push(via ?? '');
  found.hops = hops;
}

/** The pools that the message has passed, the first of which may have left nothing but its `ofrom`. */
export function hopsOf(found: MessageChildren): readonly string[] | undefined {
  return found.hops ?? (found.ofrom ? [''] : undefined);
}

/** The message that this one is about; what it only acknowledges counts in a signal alone. */
export function referenceOf(found: MessageChildren): string | undefined {
  return found.reference ?? (found.content ? undefined : found.acknowledges);
}
