import type { OwnAddress } from '../../address/address.ts';
import { domainOf } from '../../address/jid.ts';
import type { Service } from '../../service.ts';
import type { Pool } from '../pool.ts';
import type { Conversation } from './conversations.ts';

/** An address that stands for a sender. */
export type PartyAddress = OwnAddress & { kind: 'proxy' | 'alias' };

/**
 * The conversation that licenses writing to the sender for whom `address` stands
 * (design.md, "Relay to a proxy"), or `undefined`: nobody may.
 */
export function licenceFor(service: Service, pool: Pool, address: PartyAddress, now: number): Conversation | undefined {
  const sender = partyOf(service, pool, address);
  return sender === undefined ? undefined : licenceOf(service, pool, sender, now);
}

/** The sender for whom `address` stands, as far as workers may know. */
export function partyOf({ aliases }: Service, pool: Pool, address: PartyAddress): string | undefined {
  // Whether somebody writes to a pool that hides its senders is not for workers to find out.
  if (address.kind === 'proxy') return pool.hidesSenders ? undefined : address.target;
  return aliases.byKey(pool.settings.name, address.key)?.sender;
}

/** The conversation that licenses writing to `sender`, who is never in our own domain. */
export function licenceOf(service: Service, pool: Pool, sender: string, now: number): Conversation | undefined {
  if (domainOf(sender) === service.domain) return undefined;
  const conversation = service.conversations.find(pool.settings.name, sender);
  if (conversation === undefined || conversation.at === 0) return undefined;
  return now - conversation.at <= pool.settings.replyWindow ? conversation : undefined;
}
