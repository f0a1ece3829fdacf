import type { ComponentConfig, LimitsConfig } from '../config/config.ts';
import type { Inbound } from '../core/envelope.ts';
import { consumed } from '../core/outcome/outcome.ts';
import type { Router } from '../core/router.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { Decoder, type DecoderSink } from '../xmpp/codec/decoder.ts';
import { FramingError } from '../xmpp/codec/framing-error.ts';
import { closedByServer, framingProblem } from '../xmpp/link/connection-problem.ts';
import type { Link } from '../xmpp/link/link.ts';
import { streamErrorProblem } from '../xmpp/link/stream-error-problem.ts';
import type { SteadyClock } from './clock.ts';
import type { LinkCounts } from './process/gauges.ts';

export interface InletParts {
  readonly router: Router;
  readonly link: Link;
  readonly metrics: Metrics;
  readonly counts: LinkCounts;
  readonly clock: SteadyClock;
  readonly limits: LimitsConfig;
  readonly component: Pick<ComponentConfig, 'domain' | 'secretFrom'>;
}

/** One message in so many is timed, so that the others pay nothing for it; a prime, which meets no rhythm of senders. */
const timedEvery = 61;

/** One stream's bytes on their way to the router. A new stream gets a new one. */
export class Inlet implements DecoderSink {
  readonly #parts: InletParts;
  readonly #decoder: Decoder;
  #now = 0;
  #untimed = 0;
  #keep: ((text: string) => boolean) | undefined;

  constructor(parts: InletParts) {
    this.#parts = parts;
    const { limits, component } = parts;
    this.#decoder = new Decoder(
      { domain: component.domain, stanzaLimit: limits.stanza, depthLimit: limits.depth },
      this,
    );
  }

  /** All stanzas of one read share one time. */
  read(chunk: Buffer): void {
    this.#now = this.#parts.clock.now();
    try {
      this.#decoder.push(chunk);
    } catch (error) {
      if (!(error instanceof FramingError)) throw error;
      this.#parts.link.fail(framingProblem(error.condition, error.message));
    }
  }

  /** From now on `keep` gets each stanza as it came, for another router; this one gets what it does not take. */
  divert(keep: (text: string) => boolean): void {
    this.#keep = keep;
  }

  inbound(stanza: Inbound, text: string | undefined): void {
    const { metrics, link, router, counts } = this.#parts;
    if ((stanza.kind === 'iq-request' || stanza.kind === 'iq-response') && link.health.take(stanza)) {
      metrics.received(stanza.kind);
      metrics.outcome(consumed, undefined);
      return;
    }
    // What another router gets is counted there.
    if (text !== undefined && this.#keep?.(text) === true) return;
    metrics.received(stanza.kind);
    counts.routed += 1;
    if (stanza.kind === 'message' && ++this.#untimed >= timedEvery) this.#timed(stanza);
    else router.on(stanza, this.#now);
  }

  #timed(stanza: Inbound): void {
    this.#untimed = 0;
    const { metrics, router } = this.#parts;
    const since = performance.now();
    router.on(stanza, this.#now);
    metrics.took('switchyard_routing_duration_seconds', performance.now() - since);
  }

  streamError(condition: string, text: string | undefined): void {
    this.#parts.link.fail(streamErrorProblem(condition, text ?? '', this.#parts.component));
  }

  streamEnd(): void {
    this.#parts.link.fail(closedByServer());
  }
}
