/** The namespace of what senders and workers of durable pools say. */
export const deliveryNamespace = 'urn:x-switchyard:delivery:0';
export const receiptsNamespace = 'urn:xmpp:receipts';

/** Characters of two, three and four bytes: whatever cuts or mends bytes on the way shows. */
const probe = 'grüße – ☃ 𐍈';

/** What a message of the lab says; it is the body, as JSON. */
export interface Payload {
  readonly id: string;
  /** The sender's full JID. */
  readonly sender: string;
  readonly seq: number;
  /** Every worker refuses it. */
  readonly poison: boolean;
}

export function writePayload(payload: Payload): string {
  return JSON.stringify({ ...payload, probe });
}

/** What a body says; `undefined` when it is not as it was written. */
export function readPayload(body: string | null | undefined): Payload | undefined {
  if (typeof body !== 'string' || !body.includes(`"probe":"${probe}"`)) return undefined;
  return JSON.parse(body) as Payload;
}

/** A worker's answer: the message that it is for. */
export interface AnswerPayload {
  readonly answers: string;
  readonly sender: string;
}

export function readAnswer(body: string | null | undefined): AnswerPayload | undefined {
  return body?.startsWith('{"answers"') === true ? (JSON.parse(body) as AnswerPayload) : undefined;
}
