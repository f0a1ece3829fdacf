import type { DeliveryControl, DeliveryTerms } from '../../core/envelope.ts';

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
  /** What they say of deliveries; `undefined` for nothing. */
  marks: DeliveryMarks | undefined;
  /** A chat state, receipt, marker, hint or control of a delivery is among them. */
  signals: boolean;
  /** Something is among them that makes it more than a signal. */
  content: boolean;
  /** Something is among them by which a server may take it for instant messaging. */
  instant: boolean;
}

/** What the children of a message say of deliveries: of its own, or of those of a worker. Most messages have none. */
export interface DeliveryMarks {
  request: boolean;
  terms: DeliveryTerms | undefined;
  /** Epoch milliseconds; the first of several. */
  expireAt: number | undefined;
  controls: DeliveryControl[] | undefined;
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
    marks: undefined,
    signals: false,
    content: false,
    instant: false,
  };
}

/** Forgets what was found in another message. */
export function clearChildren(found: MessageChildren): void {
  found.hint = found.thread = found.originId = found.receipt = undefined;
  found.acknowledges = found.reference = undefined;
  found.hops = undefined;
  found.instance = undefined;
  found.marks = undefined;
  found.ofrom = found.signals = found.content = found.instant = false;
}

/** Notes that the message `id` is acknowledged, or that this one is about it. */
export function noteAbout(
  found: MessageChildren,
  how: 'receipt' | 'marker' | 'reference',
  id: string | undefined,
): void {
  if (how === 'reference') {
    found.reference ??= id;
    found.content = true;
    return;
  }
  if (how === 'receipt') found.receipt ??= id;
  found.acknowledges ??= id;
  found.signals = true;
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
