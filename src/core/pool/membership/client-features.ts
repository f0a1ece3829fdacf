/** What matters to a pool of what a client can do. */
export interface ClientFeatures {
  /** Answers pings (XEP-0199). */
  readonly pings: boolean;
  /** Sends receipts (XEP-0184). */
  readonly receipts: boolean;
  /** Knows namespaces of ours. */
  readonly switchyard: boolean;
  /** Acknowledges deliveries (delivery.md 4.3). */
  readonly deliveries: boolean;
  /** Answers pings by message that look for an instance (specs.md 3, DIX). */
  readonly instances: boolean;
  /** Takes connection transfers (XEP-0051 0.2). */
  readonly transfers: boolean;
  /** Takes those of its first versions. */
  readonly oldTransfers: boolean;
}

/** What a client with these features (XEP-0030) can do. */
export function featuresOf(features: readonly string[]): ClientFeatures {
  return {
    pings: features.includes('urn:xmpp:ping'),
    receipts: features.includes('urn:xmpp:receipts'),
    switchyard: features.some((feature) => feature.startsWith('urn:x-switchyard:')),
    deliveries: features.includes('urn:x-switchyard:delivery:0'),
    instances: features.includes('urn:x-switchyard:dix:0'),
    transfers: features.includes('urn:xmpp:cxfr'),
    oldTransfers: features.includes('jabber:iq:srvxfr'),
  };
}
