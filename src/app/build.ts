import { randomBytes } from 'node:crypto';
import type { Config } from '../config/config.ts';
import { Router } from '../core/router.ts';
import { DeliveryLog } from '../telemetry/delivery-log.ts';
import { NoticeLog } from '../telemetry/notices.ts';
import { readElement } from '../xmpp/codec/element-reader.ts';
import { readEvent } from '../xmpp/codec/event-reader.ts';
import { payloadText } from '../xmpp/codec/payload-text.ts';
import { Writer } from '../xmpp/codec/writer.ts';
import { Link } from '../xmpp/link/link.ts';
import { capsVersion } from '../xmpp/protocols/caps.ts';
import { aliasKey } from './alias-key.ts';
import { SteadyClock } from './clock.ts';
import { CoreOut } from './core-out.ts';
import { digest } from './digest.ts';
import { Inlet } from './inlet.ts';
import { LinkEvents } from './link-events.ts';
import { linkSettings } from './link-settings.ts';
import type { Opened } from './opened.ts';
import { connectGauges, type LinkCounts } from './process/gauges.ts';
import type { Premises } from './process/premises.ts';
import { storeFileSizes } from './process/store-files.ts';

/** Everything that runs, wired and not yet started. */
export interface Parts {
  readonly router: Router;
  readonly link: Link;
  readonly notices: NoticeLog;
  readonly clock: SteadyClock;
  readonly counts: LinkCounts;
  readonly events: LinkEvents;
}

/**
 * Wires the router to its link, its store, its log and its metrics: the one place that knows
 * all of them. Takes over what was stored, so that members and preferences are there before the first stanza.
 */
export function build(
  config: Config,
  { store, snapshot, sharing }: Opened,
  { log, desk, metrics, counts }: Pick<Premises, 'log' | 'desk' | 'metrics' | 'counts'>,
): Parts {
  const { component, limits, service } = config;
  const clock = new SteadyClock(sharing?.wall);
  const notices = new NoticeLog(log.logger, clock.now());
  // The link is made before the router that it feeds; nothing comes before `start`.
  const events = new LinkEvents(log, counts, sharing?.unrouted, sharing?.lost);
  const mayAttach = sharing?.mayAttach;
  const link =
    sharing?.early?.link ?? new Link(linkSettings(config), events, mayAttach === undefined ? {} : { mayAttach });
  const writer = new Writer({ domain: component.domain, stanzaLimit: limits.stanza });
  const out = new CoreOut(link, writer, store, metrics, notices, new DeliveryLog(log.logger));
  const newId = (): string => randomBytes(12).toString('base64url');
  const newKey = (): string => aliasKey(randomBytes(16));
  const random = Math.random;
  const router = new Router(service, snapshot, out, {
    newId,
    newKey,
    random,
    digest,
    payloadText,
    readElement,
    readEvent,
    capsVersion,
    desk,
  });
  events.connect(router, clock, () => new Inlet({ router, link, metrics, counts, clock, limits, component }));
  connectGauges(metrics, router, link, counts, store, clock);
  metrics.setGaugeSource('storeFiles', () => storeFileSizes(config.store));
  return { router, link, notices, clock, counts, events };
}
