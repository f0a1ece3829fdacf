import { bareOf } from '../address/jid.ts';
import { commandsNamespace } from '../adhoc/namespace.ts';
import type { Pool } from '../pool/pool.ts';
import type { NodeSubscription } from '../pubsub/node-subscription.ts';
import type { DiscoInfo, DiscoItem, InfoForm } from '../requests/answer.ts';
import { urnOf } from '../select/table.ts';
import type { Service } from '../service.ts';
import type { ContactKind } from '../settings.ts';

const info = 'http://jabber.org/protocol/disco#info';
const items = 'http://jabber.org/protocol/disco#items';
const paging = 'http://jabber.org/protocol/rsm';
const ping = 'urn:xmpp:ping';
const cmr = 'urn:xmpp:cmr:0';
const cmrHints = 'urn:xmpp:cmr:hints:0';
const version = 'jabber:iq:version';
const last = 'jabber:iq:last';
const time = 'urn:xmpp:time';
const receipts = 'urn:xmpp:receipts';
/** Deliveries at least once: `<deliver/>` of senders, `<ack/>` and the like of workers. */
const delivery = 'urn:x-switchyard:delivery:0';

/** The node of a pool that tells its state: numbers that change are kept out of what caps are made of. */
export const stateNode = 'urn:x-switchyard:pool:state';
/** FORM_TYPE of what is always told of a pool. */
const poolForm = 'urn:x-switchyard:pool:info';
/** FORM_TYPE of XEP-0157. */
const contactForm = 'http://jabber.org/network/serverinfo';

const contactKinds: readonly ContactKind[] = ['abuse', 'admin', 'feedback', 'sales', 'security', 'status', 'support'];

/** What disco#info says of the service itself (XEP-0030; identity from its registry). */
export function serviceInfo(service: Service): DiscoInfo {
  const hints = [...service.pools.values()].some((pool) => pool.settings.cmrHints.length > 0);
  return {
    node: undefined,
    identities: [{ category: 'component', type: 'load', name: service.settings.title }],
    features: [info, items, paging, commandsNamespace, cmr, ...(hints ? [cmrHints] : []), ping, version, last, time],
    forms: contactForms(service),
  };
}

/**
 * What disco#info says of a pool: nothing here changes but with the configuration.
 *
 * @param counts Whether this is for those who may know how many work there: last activity (XEP-0012)
 * is answered to nobody else. Capabilities are the same for all, and so say what everybody may.
 */
export function poolInfo(pool: Pool, counts = pool.settings.publish === 'counts'): DiscoInfo {
  const { description, cmrHints: hints } = pool.settings;
  // A sender's receipt is the pool's own: it says that a worker has acknowledged.
  const assured = assuring(pool) ? [delivery, receipts] : [];
  return {
    node: undefined,
    identities: [identityOf(pool)],
    features: [
      info,
      items,
      commandsNamespace,
      cmr,
      ...(hints.length > 0 ? [cmrHints] : []),
      ping,
      version,
      ...(counts ? [last] : []),
      time,
      ...assured,
      ...pool.requests.advertised,
    ],
    forms:
      description === undefined ? [] : [{ type: poolForm, fields: [{ name: 'description', values: [description] }] }],
  };
}

/** The state of a pool, on a node of its own; counts only to those who may know them. */
export function poolState(pool: Pool, counts: boolean): DiscoInfo {
  const state: [string, string | number][] = [['algorithm', urnOf(pool.algorithm)]];
  if (counts) {
    const available = [...pool.roster].filter((member) => member.state === 'verified').length;
    state.push(['members', pool.roster.size], ['members_available', available]);
    state.push(['members_eligible', pool.eligible], ['waiting', pool.waiting.size]);
  }
  const fields = [
    ...state.map(([name, value]) => ({ name, values: [String(value)] })),
    ...(counts && pool.nodes.length > 0 ? [{ name: 'pubsub', values: pool.nodes.map(subscriptionText) }] : []),
  ];
  return {
    node: stateNode,
    identities: [identityOf(pool)],
    features: [info],
    forms: [{ type: stateNode, fields }],
  };
}

/** Whether the pool delivers at least once, were it only what senders ask it for. */
function assuring({ settings }: Pool): boolean {
  return settings.delivery.guarantee === 'at-least-once' || settings.delivery.hints.includes('at-least-once');
}

/**
 * What disco#info says of somebody seen through a pool: a worker's label or a sender's proxy.
 * @param offered What the worker says that it can do for senders, and namespaces of requests that are passed on to it.
 */
export function partyInfo(pool: Pool, name: string, offered: readonly string[] = []): DiscoInfo {
  const assured = assuring(pool) ? [delivery] : [];
  return {
    node: undefined,
    identities: [{ category: 'client', type: 'bot', name }],
    features: [
      ...new Set([info, items, 'http://jabber.org/protocol/chatstates', receipts, ping, ...assured, ...offered]),
    ],
    forms: [],
  };
}

/** The pools that `jid` may know of, for disco#items; always in the same order. */
export function visibleItems(service: Service, jid: string): readonly DiscoItem[] {
  const admin = service.admins.allows(jid);
  return [...service.pools.values()]
    .filter((pool) => pool.settings.moved === undefined && (admin || pool.visibleTo(jid)))
    .map((pool) => ({ jid: pool.jid, name: titleOf(pool) }))
    .sort((a, b) => (a.jid < b.jid ? -1 : 1));
}

/** What hangs below a pool: the node of its state. */
export function poolItems(pool: Pool): readonly DiscoItem[] {
  return [{ jid: pool.jid, node: stateNode, name: `State of ${titleOf(pool)}` }];
}

/** Whether `jid` may know how many work and wait in `pool` (design.md, Access). */
export function mayCount(service: Service, pool: Pool, jid: string): boolean {
  return (
    pool.settings.publish === 'counts' ||
    pool.roster.hasAccount(bareOf(jid)) ||
    pool.owners.allows(jid) ||
    service.admins.allows(jid)
  );
}

/** How a subscription to a PubSub node stands, in words. */
function subscriptionText({ service, node, state, reason }: NodeSubscription): string {
  return `${node} at ${service}: ${state}${reason === '' ? '' : ` (${reason})`}`;
}

function contactForms({ settings }: Service): readonly InfoForm[] {
  const fields = contactKinds
    .map((kind) => ({ name: `${kind}-addresses`, values: settings.contacts[kind] }))
    .filter(({ values }) => values.length > 0);
  return fields.length === 0 ? [] : [{ type: contactForm, fields }];
}

function identityOf(pool: Pool): DiscoInfo['identities'][number] {
  return { category: 'component', type: 'load', name: titleOf(pool) };
}

function titleOf(pool: Pool): string {
  return pool.settings.title ?? pool.settings.name;
}
