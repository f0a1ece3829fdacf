import type { DeliveryControl, DeliveryTerms, MessageEnvelope } from '../../core/envelope.ts';
import type { DeliveryMarks, MessageChildren } from './message-children.ts';

/** So many controls of one message are read. */
const controlsMax = 100;

function marksOf(found: MessageChildren): DeliveryMarks {
  found.marks ??= { request: false, terms: undefined, expireAt: undefined, controls: undefined };
  return found.marks;
}

/** Notes a `<request/>`, one of which a message has. Returns whether it is one too many. */
export function noteRequest(found: MessageChildren): boolean {
  const marks = marksOf(found);
  const again = marks.request;
  marks.request = true;
  found.content = true;
  return again;
}

/** Notes what a `<deliver/>` says. */
export function noteTerms(found: MessageChildren, terms: DeliveryTerms): void {
  const marks = marksOf(found);
  marks.terms = marks.terms === undefined ? terms : { ...marks.terms, problem: 'There is more than one <deliver/>.' };
}

/** Notes when the message is no longer wanted. */
export function noteExpireAt(found: MessageChildren, at: number | undefined): void {
  if (at === undefined) return;
  const marks = marksOf(found);
  marks.expireAt = Math.min(at, marks.expireAt ?? at);
}

/** Notes what a worker says of one of his deliveries. */
export function noteControl(found: MessageChildren, control: DeliveryControl): void {
  found.signals = true;
  const marks = marksOf(found);
  marks.controls ??= [];
  const { controls } = marks;
  if (controls.length < controlsMax) controls.push(control);
  else if (controls.length === controlsMax) controls.push(tooMany);
}

const tooMany: DeliveryControl = {
  do: 'unreadable',
  problem: `A message has at most ${controlsMax} of <ack/>, <nack/> and <extend/>: what stands behind them was not read.`,
};

/** Puts what was noted into the envelope; to one of which nothing was, nothing is added. */
export function setMarks(
  envelope: { -readonly [Name in keyof MessageEnvelope]: MessageEnvelope[Name] },
  marks: DeliveryMarks,
): void {
  if (marks.request) envelope.wantsReceipt = true;
  if (envelope.type === 'error') return;
  if (marks.terms !== undefined) envelope.terms = marks.terms;
  if (marks.expireAt !== undefined) envelope.expireAt = marks.expireAt;
  if (marks.controls !== undefined) envelope.controls = marks.controls;
}
