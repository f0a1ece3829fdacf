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
  /** `via` of each hop, as many as matter. */
  hops: string[] | undefined;
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
    signals: false,
    content: false,
  };
}

/** One more than a message may have: it is refused for these. */
const hopsMax = 4;

/** Notes that the message has passed the pool `via`. */
export function addHop(found: MessageChildren, via: string | undefined): void {
  found.hops ??= [];
  if (found.hops.length < hopsMax) found.hops.push(via ?? '');
}

/** The message that this one is about; what it only acknowledges counts in a signal alone. */
export function referenceOf(found: MessageChildren): string | undefined {
  return found.reference ?? (found.content ? undefined : found.acknowledges);
}
