import { labelAddress } from '../address/address.ts';
import type { IqRequestEnvelope } from '../envelope.ts';
import { bounced, dropped, type Outcome } from '../outcome/outcome.ts';
import { refuse } from '../outcome/refuse.ts';
import type { Member } from '../pool/member.ts';
import type { Pool } from '../pool/pool.ts';
import type { Redirection } from '../ports.ts';
import type { Service } from '../service.ts';
import { chooseWorker } from './choice.ts';
import { leadsOn } from './moved.ts';
import type { Proxying } from './proxying.ts';
import { goesRound } from './request-hops.ts';

/** Decides what becomes of requests that a pool does not answer itself: refused, redirected, or given to a worker. */
export class Passing {
  readonly #service: Service;
  readonly #proxying: Proxying;

  constructor(service: Service, proxying: Proxying) {
    this.#service = service;
    this.#proxying = proxying;
  }

  /** A request of `namespace` to the pool, from somebody who may know of it. */
  toPool(pool: Pool, request: IqRequestEnvelope, namespace: string, now: number): Outcome {
    if (!pool.requests.takes(namespace)) return refuse(this.#service.out, request, 'unknown-request');
    const refusal = this.#refusal(pool, request, now);
    if (refusal !== undefined) return refusal;
    if (pool.requests.mode === 'proxy') return this.#proxying.ask(pool, request, undefined, now);
    // What changes something must be done where it was sent, or not at all (JEP-0051, rule 1).
    if (request.type !== 'get') return refuse(this.#service.out, request, 'get-only');
    return this.#redirect(pool, request, namespace, now);
  }

  /** A request to a worker's label: to that worker, where the pool passes requests on, or redirects to labels. */
  toLabel(pool: Pool, member: Member, request: IqRequestEnvelope, namespace: string, now: number): Outcome {
    const goes = answersAtLabels(pool, request) && pool.requests.takes(namespace) && member.jid !== request.from;
    if (!goes) {
      return refuse(this.#service.out, request, 'unknown-request');
    }
    const refusal = this.#refusal(pool, request, now);
    return refusal ?? this.#proxying.ask(pool, request, member, now);
  }

  /** Why this request gets no further than the pool's door, if it does not. */
  #refusal(pool: Pool, request: IqRequestEnvelope, now: number): Outcome | undefined {
    const { out, draining } = this.#service;
    if (!pool.senders.allows(request.from)) return refuse(out, request, 'send-forbidden');
    if (goesRound(request.id)) return refuse(out, request, 'loop');
    if (draining) return refuse(out, request, 'shutting-down');
    const over = pool.rates.sender(request.from, 1, now);
    if (over === undefined) return undefined;
    return out.bounce(request, over.code, over.retryAfter) === 'sent' ? bounced(over.code) : dropped('link-down');
  }

  #redirect(pool: Pool, request: IqRequestEnvelope, namespace: string, now: number): Outcome {
    const { out, readElement, domain } = this.#service;
    const rule = pool.requests.ruleFor(namespace);
    if (rule !== undefined) {
      if (!leadsOn(rule.to, request)) return refuse(out, request, 'unknown-request');
      if (!pool.requests.follows(namespace, request.from)) return refuse(out, request, 'redirect-not-read');
      return this.#send(request, rule);
    }
    const member = chooseWorker(pool, request, [], readElement, now);
    if (member === undefined) return refuse(out, request, 'no-worker');
    const { name } = pool.settings;
    const to = pool.hidesSenders ? labelAddress(name, domain, member.label) : member.jid;
    const outcome = this.#send(request, { to, query: undefined });
    // It will be busy with it, for all we know.
    if (outcome.kind === 'bounced' && outcome.reason === 'redirected' && !pool.hidesSenders) member.served(now);
    return outcome;
  }

  #send(request: IqRequestEnvelope, redirection: Redirection): Outcome {
    const { out } = this.#service;
    const sent = out.redirect(request, redirection);
    if (sent === 'sent') return bounced('redirected');
    return sent === 'too-large' ? refuse(out, request, 'too-large') : dropped('link-down');
  }
}

/** Whether requests to the labels of this pool's workers are given to them. */
export function answersAtLabels({ requests, hidesSenders }: Pool, { type }: Pick<IqRequestEnvelope, 'type'>): boolean {
  return requests.mode === 'proxy' || (requests.mode === 'redirect' && hidesSenders && type === 'get');
}
