import { type Element, parse } from 'ltx';
import type { EventShares } from '../../core/envelope.ts';
import type { EventReader } from '../../core/ports.ts';
import { readSubscription } from '../protocols/pubsub.ts';
import { namespaceOf } from './namespace-check.ts';
import { ns } from './namespaces.ts';
import { serialise, withContent } from './serialise.ts';

/** Most parts that one event is cut into; beyond it a part has several items. */
const partsMost = 1_000;
/** Most characters by which cutting may make an event longer, as each part has what stands around the items. */
const growthMost = 1_048_576;

/**
 * Reads a message of a PubSub service. It parses what is passed on to workers, so what it knows is
 * what they get; a message without the namespace is not parsed. An element that is in no form of
 * XEP-0060 makes the message an ordinary one.
 */
export const readEvent: EventReader = (tail) => {
  if (!tail.includes(ns.pubsub)) return undefined;
  const children = parse(`<message>${tail}</message>`).getChildElements();
  const event = children.find((child) => child.getName() === 'event' && namespaceOf(child) === ns.pubsubEvent);
  // Some services tell of a subscription in the words that they answer with.
  const holder = event ?? children.find((child) => child.getName() === 'pubsub' && namespaceOf(child) === ns.pubsub);
  const [what] = holder?.getChildElements() ?? [];
  if (what?.getName() === 'subscription') return { about: 'subscription', subscription: readSubscription(what) };
  const node = what?.attrs['node'];
  if (event === undefined || what === undefined || node === undefined) return undefined;
  return {
    about: 'node',
    node,
    collections: headersOf(children, 'Collection'),
    subids: headersOf(children, 'SubID'),
    deleted: what.getName() === 'delete',
    shares: (split) => sharesOf(tail, { children, event, what }, split),
  };
};

/** An event, taken apart. */
interface Parsed {
  /** All children of the message. */
  readonly children: readonly Element[];
  readonly event: Element;
  /** The only child of the event. */
  readonly what: Element;
}

/** New items are work for one; whatever else is told of a node concerns everybody. */
function sharesOf(tail: string, parsed: Parsed, split: 'event' | 'item'): EventShares {
  if (parsed.what.getName() !== 'items') return { one: [], all: tail };
  const all = parsed.what.getChildElements();
  const items = all.filter((child) => child.getName() === 'item');
  const others = all.filter((child) => child.getName() !== 'item');
  if (items.length === 0 && others.length > 0) return { one: [], all: tail };
  if (others.length === 0 && (split === 'event' || items.length < 2)) return { one: [tail], all: undefined };
  const around = tailWith(parsed, new Set()).length;
  const parts = split === 'event' ? 1 : Math.max(1, Math.min(items.length, partsMost, Math.floor(growthMost / around)));
  const each = Math.ceil(items.length / parts);
  const one: string[] = [];
  for (let from = 0; from < items.length; from += each) {
    one.push(tailWith(parsed, new Set(items.slice(from, from + each))));
  }
  return { one, all: others.length === 0 ? undefined : tailWith(parsed, new Set(others)) };
}

/** The children of the message, with those alone of the event's that are kept. */
function tailWith({ children, event, what }: Parsed, kept: ReadonlySet<Element>): string {
  const content = what.getChildElements().filter((child) => kept.has(child));
  const items = withContent(what, content.map((child) => serialise(child)).join(''));
  return children.map((child) => (child === event ? withContent(event, items) : serialise(child))).join('');
}

/** The values of the SHIM headers of this name (XEP-0131). */
function headersOf(children: readonly Element[], name: string): readonly string[] {
  return children
    .filter((child) => child.getName() === 'headers' && namespaceOf(child) === ns.shim)
    .flatMap((headers) => headers.getChildElements())
    .filter((header) => header.getName() === 'header' && header.attrs['name'] === name)
    .map((header) => header.getText());
}
