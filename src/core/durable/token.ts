/** Identifiers a millisecond can have; beyond them they run ahead of the clock. */
const perMillisecond = 2_048;
const digits = 32;
/** What five digits can tell. */
const lowPart = digits ** 5;
const zeros = '00000';

/** What a worker's `<ack/>`, `<nack/>` or `<extend/>` names: one attempt of one delivery. */
export interface Token {
  readonly id: number;
  readonly attempt: number;
  readonly nonce: string;
}

/** Makes identifiers of deliveries: they grow with time, and none is given twice. */
export class DeliveryIds {
  #last = 0;

  /** Never gives `id`, nor one that is lower. */
  passed(id: number): void {
    this.#last = Math.max(this.#last, id);
  }

  /** The lowest that could be given at `at`, epoch milliseconds. */
  lowest(at: number): number {
    return Math.floor(at) * perMillisecond;
  }

  next(now: number): number {
    this.#last = Math.max(this.#last + 1, Math.floor(now) * perMillisecond);
    return this.#last;
  }
}

/** The first part of the last identifier that was written: it changes every sixteen seconds. */
let lastHigh = 0;
let lastHighText = '';

/** A delivery's name before workers, the same over all attempts (XEP-0359 `<stanza-id/>`). */
export function stanzaIdOf(id: number): string {
  // In two parts, each of which is a small integer: ten times as fast.
  const high = Math.floor(id / lowPart);
  const low = (id - high * lowPart).toString(digits);
  if (high === 0) return low;
  if (high !== lastHigh) {
    lastHigh = high;
    lastHighText = high.toString(digits);
  }
  return low.length === zeros.length ? lastHighText + low : lastHighText + zeros.slice(low.length) + low;
}

/** The delivery that a stanza-id names, or `undefined` when it is none of ours. */
export function idOfStanzaId(text: string): number | undefined {
  if (text.length > 11 || !/^[0-9a-v]+$/.test(text)) return undefined;
  const id = Number.parseInt(text, digits);
  return Number.isSafeInteger(id) && stanzaIdOf(id) === text ? id : undefined;
}

export function writeToken({ id, attempt, nonce }: Token): string {
  return `${stanzaIdOf(id)}.${attempt}.${nonce}`;
}

/** The token in `text`, or `undefined` when it is none of ours. */
export function readToken(text: string): Token | undefined {
  const [name, number, nonce, ...more] = text.split('.', 4);
  if (name === undefined || number === undefined || nonce === undefined || more.length > 0) return undefined;
  const id = idOfStanzaId(name);
  if (id === undefined || nonce === '' || !/^[1-9]\d{0,8}$/.test(number)) return undefined;
  return { id, attempt: Number(number), nonce };
}
