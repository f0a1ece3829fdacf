import type { DeliveryControl, DeliveryTerms, ReceivedError } from '../../core/envelope.ts';

/** The value of an attribute of the element at hand. */
type Attribute = (name: string) => string | undefined;

/** Tokens are ours, and none is so long. */
const tokenMax = 200;
const dayInSeconds = 86_400;
const yearInSeconds = 31_536_000;
/** No sign, and no letters such as those of `1e9`. */
const decimal = /^\d{1,40}(?:\.\d{1,40})?$/;

const nackProblem = '<nack/> has a requeue other than true and false, or a delay that is no number of seconds.';
const extendProblem = '<extend/> needs seconds, 1 or more.';

/** What `<ack/>` says. */
export function readAck(token: string | undefined): DeliveryControl {
  return badToken(token) ?? { do: 'ack', token: token ?? '' };
}

/** What `<nack/>` says: another worker shall have it, unless it says otherwise. */
export function readNack(attribute: Attribute, error: ReceivedError | undefined): DeliveryControl {
  const token = attribute('token');
  const [requeue, delay] = [attribute('requeue'), attribute('delay')];
  const wanted = requeue === undefined ? true : truth(requeue);
  const later = delay === undefined ? undefined : upToADay(delay, 0);
  const bad = badToken(token);
  if (bad !== undefined) return bad;
  if (wanted === undefined || (delay !== undefined && later === undefined)) return unreadable(nackProblem);
  return { do: 'nack', token: token ?? '', requeue: wanted, delay: later, error };
}

/** What `<extend/>` says. */
export function readExtend(attribute: Attribute): DeliveryControl {
  const token = attribute('token');
  const by = upToADay(attribute('seconds') ?? '', 1);
  return badToken(token) ?? (by === undefined ? unreadable(extendProblem) : { do: 'extend', token: token ?? '', by });
}

/** What `<queued/>` of a pool says: by the id that the message came to it with. */
export function readQueued(id: string | undefined): DeliveryControl {
  return id === undefined || id === '' ? unreadable('<queued/> has no id.') : { do: 'queued', id };
}

/** What `<deliver/>` of a sender says. */
export function readTerms(attribute: Attribute): DeliveryTerms {
  const [guarantee, ttl, queued] = [attribute('guarantee'), attribute('ttl'), attribute('queued')];
  const life = ttl === undefined ? undefined : milliseconds(ttl);
  const mortal = life !== undefined && life > 0 && life <= yearInSeconds * 1_000;
  const early = queued === undefined ? false : truth(queued);
  let problem: string | undefined;
  if (early === undefined) problem = 'queued of <deliver/> is true or false.';
  if (ttl !== undefined && !mortal) {
    problem = `ttl of <deliver/> is seconds, more than 0 and at most ${yearInSeconds}.`;
  }
  const known = guarantee === 'plain' || guarantee === 'at-least-once' ? guarantee : undefined;
  if (guarantee !== undefined && known === undefined) problem = 'guarantee of <deliver/> is plain or at-least-once.';
  const id = attribute('id') ?? '';
  const named = id === '' || id.length > tokenMax ? {} : { id };
  return { guarantee: known, ttl: mortal ? life : undefined, queued: early ?? false, ...named, problem };
}

function badToken(token: string | undefined): DeliveryControl | undefined {
  if (token === undefined || token === '') return unreadable('There is no token: it has to be that of <delivery/>.');
  return token.length > tokenMax ? unreadable('The token is none of ours: it is too long.') : undefined;
}

function unreadable(problem: string): DeliveryControl {
  return { do: 'unreadable', problem };
}

/** A boolean of XML Schema. */
function truth(value: string): boolean | undefined {
  if (value === 'true' || value === '1') return true;
  return value === 'false' || value === '0' ? false : undefined;
}

/** Whole milliseconds of so many seconds, a day at most; `undefined` when they are none, or too few. */
function upToADay(seconds: string, least: number): number | undefined {
  const value = milliseconds(seconds);
  return value === undefined || value < least * 1_000 ? undefined : Math.min(value, dayInSeconds * 1_000);
}

/** Whole milliseconds of so many seconds; `undefined` when they are none. */
function milliseconds(seconds: string): number | undefined {
  return decimal.test(seconds) ? Math.round(Number(seconds) * 1_000) : undefined;
}
