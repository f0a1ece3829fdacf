import type { Element } from 'ltx';
import { domainOf } from '../../core/address/jid.ts';
import type { MessageEnvelope, MessageType, ReceivedError } from '../../core/envelope.ts';
import { readExpireAt } from '../protocols/amp.ts';
import { readError } from '../protocols/received-error.ts';
import { type ChildClass, classify, isInstant } from './child-class.ts';
import { declarations, missingIn, standAlone } from './declarations.ts';
import { noteControl, noteExpireAt, noteRequest, noteTerms, setMarks } from './delivery-marks.ts';
import { readAck, readExtend, readNack, readQueued, readTerms } from './delivery-reader.ts';
import { child, childFields, type Frame } from './frame.ts';
import { addHop, hopsOf, type MessageChildren, noChildren, noteAbout, referenceOf } from './message-children.ts';
import { messageType } from './message-type.ts';
import { namespaceOf } from './namespace-check.ts';
import { ns } from './namespaces.ts';
import { serialise } from './serialise.ts';

/** What a child becomes in the tail: as it stands, without the senders it claims, or nothing. */
type Fate = 'kept' | 'cut' | 'without-ofrom';

/** The envelope of a message that was parsed; the content goes on as it stands in the frame. */
export function treeMessage(
  element: Element,
  frame: Frame,
  head: { readonly from: string; readonly to: string; readonly id: string | undefined },
  domain: string,
): MessageEnvelope {
  const found = noChildren();
  const tail = tailOf(element, frame, found, domain);
  const typeAttr = messageType(element.attrs['type']);
  const envelope = {
    kind: 'message' as const,
    type: typeAttr ?? 'normal',
    typeAttr,
    from: head.from,
    to: head.to,
    id: head.id,
    lang: element.attrs['xml:lang'] || undefined,
    hint: found.hint,
    thread: found.thread,
    originId: found.originId,
    receipt: found.receipt,
    refersTo: referenceOf(found),
    hops: hopsOf(found),
    signal: typeAttr !== 'error' && found.signals && !found.content && found.instance === undefined,
    machine: typeAttr !== 'chat' && typeAttr !== 'error' && !found.instant,
    error: typeAttr === 'error' ? readError(element) : undefined,
    tail,
    ...(looksForInstance(found, typeAttr) ? { instance: found.instance } : {}),
    size: frame.text.length,
  };
  if (found.marks !== undefined) setMarks(envelope, found.marks);
  return envelope;
}

/** Whether the message is about an instance and nothing else; what has a body is a message as any other. */
function looksForInstance(found: MessageChildren, type: MessageType | undefined): boolean {
  const plain = type === undefined || type === 'normal' || type === 'chat';
  return found.instance !== undefined && !found.content && plain;
}

function tailOf(element: Element, frame: Frame, found: MessageChildren, domain: string): string {
  const { text, children } = frame;
  const declared = declarations(frame);
  let tail = '';
  let from = frame.openEnd;
  let at = 0;
  if (element.children.some((part) => typeof part === 'string' && part.trim() !== '')) found.content = true;
  for (const part of element.getChildElements()) {
    tail += text.slice(from, children[at + child.start]);
    const fate = fateOf(part, found, domain);
    if (fate === 'kept') tail += standAlone(frame, at, declared);
    else if (fate === 'without-ofrom') tail += withoutOfrom(part, missingIn(frame, at, declared));
    from = children[at + child.end] ?? frame.closeStart;
    at += childFields;
  }
  return tail + text.slice(from, frame.closeStart);
}

function fateOf(part: Element, found: MessageChildren, domain: string): Fate {
  const ours = (jid: string | undefined): Fate =>
    jid !== undefined && domainOf(jid).toLowerCase() === domain ? 'cut' : 'kept';
  const classified = classOf(part, found);
  switch (classified) {
    case 'content':
    case 'payload':
      found.content = true;
      return 'kept';
    case 'addresses':
      return addressesFate(part, found);
    case 'thread':
      found.thread ??= part.getText() || undefined;
      return 'kept';
    case 'hint':
      found.hint ??= part.attrs['algorithm'] ?? '';
      return 'cut';
    case 'cut':
      return 'cut';
    case 'ack':
    case 'nack':
    case 'extend':
    case 'queued':
    case 'deliver':
    case 'amp':
    case 'request':
      return deliveryFate(part, classified, found);
    case 'hop':
      addHop(found, part.attrs['n'], part.attrs['via']);
      return 'cut';
    case 'ping':
    case 'pong':
      found.instance ??= classified;
      return 'kept';
    case 'origin-id':
      found.originId ??= part.attrs['id'] || undefined;
      return 'kept';
    case 'stanza-id':
    case 'delay':
      return ours(part.attrs[classified === 'delay' ? 'from' : 'by']);
    case 'receipt':
    case 'marker':
    case 'reference':
      noteAbout(found, classified, part.attrs['id'] || undefined);
      return 'kept';
    case 'signal':
      found.signals = true;
      return 'kept';
  }
}

function classOf(part: Element, found: MessageChildren): ChildClass {
  const classified = classify(part.getName(), namespaceOf(part));
  if (isInstant(classified)) found.instant = true;
  return classified;
}

function addressesFate(addresses: Element, found: MessageChildren): Fate {
  found.content = true;
  if (!addresses.getChildElements().some(isOfrom)) return 'kept';
  found.ofrom = true;
  return 'without-ofrom';
}

type OfDelivery = Extract<ChildClass, 'ack' | 'nack' | 'extend' | 'queued' | 'deliver' | 'amp' | 'request'>;

/** What is said of deliveries: to us, or to whoever the message is for. */
function deliveryFate(part: Element, classified: OfDelivery, found: MessageChildren): Fate {
  const value = (name: string): string | undefined => part.attrs[name];
  switch (classified) {
    case 'ack':
      noteControl(found, readAck(value('token')));
      return 'cut';
    case 'nack':
      noteControl(found, readNack(value, reasonOf(part)));
      return 'cut';
    case 'extend':
      noteControl(found, readExtend(value));
      return 'cut';
    case 'queued':
      noteControl(found, readQueued(value('id')));
      return 'cut';
    case 'deliver':
      noteTerms(found, readTerms(value));
      return 'cut';
    case 'amp':
      noteExpireAt(found, readExpireAt(part));
      found.content = true;
      return 'kept';
    case 'request':
      return noteRequest(found) ? 'cut' : 'kept';
  }
}

/** Why a worker rejects a delivery, where he says it. */
function reasonOf(nack: Element): ReceivedError | undefined {
  return nack.getChildElements().some((part) => part.getName() === 'error') ? readError(nack) : undefined;
}

/** Who a message is from is ours to say (XEP-0033 section 5). */
function withoutOfrom(addresses: Element, declared: string): string {
  if (addresses.getChildElements().every(isOfrom)) return '';
  const text = serialise(addresses, (address) => !isOfrom(address));
  const nameEnd = addresses.name.length + 1;
  return text.slice(0, nameEnd) + declared + text.slice(nameEnd);
}

function isOfrom(element: Element): boolean {
  return element.getName() === 'address' && namespaceOf(element) === ns.addresses && element.attrs['type'] === 'ofrom';
}
