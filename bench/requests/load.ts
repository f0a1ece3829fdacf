import { setTimeout as sleep } from 'node:timers/promises';
import { attribute, type Frame } from '../mock/frame.ts';
import type { LoadClient } from '../servers/client.ts';

export const namespace = 'urn:example:bench';
const requestLength = 300;
/** How long the last answers may take to come, in milliseconds. */
const patience = 10_000;

/** What is needed of a client. */
type Line = Pick<LoadClient, 'send' | 'take' | 'readEnded'>;

/** What one phase of load came to. */
export interface Phase {
  readonly answered: number;
  readonly seconds: number;
  readonly problems: readonly string[];
}

/**
 * Clients that ask, and clients that answer, in one process. Who is redirected asks again there, with the
 * query that the redirect holds. Each request must be answered exactly once.
 */
export class RequestLoad {
  readonly #askers: readonly Line[];
  /** Where request number `n` is sent. */
  readonly #target: (n: number) => string;
  readonly #open = new Set<string>();
  #next = 0;
  #answered = 0;
  #refused = 0;
  #unexpected = 0;
  #refill: (() => void) | undefined;

  constructor(askers: readonly Line[], workers: readonly Line[], target: (n: number) => string) {
    this.#askers = askers;
    this.#target = target;
    for (const worker of workers) answerAll(worker);
    for (const asker of askers) this.#listen(asker);
  }

  /** Keeps `inFlight` requests open for so many seconds. */
  async window(inFlight: number, seconds: number): Promise<Phase> {
    [this.#answered, this.#refused, this.#unexpected] = [0, 0, 0];
    const start = performance.now();
    this.#refill = () => this.#send(inFlight - this.#open.size);
    this.#refill();
    await sleep(seconds * 1000);
    this.#refill = undefined;
    const [answered, stopped] = [this.#answered, performance.now()];
    while (this.#open.size > 0 && performance.now() - stopped < patience) await sleep(5);
    const problems = [
      ...(this.#open.size > 0 ? [`${this.#open.size} requests were not answered`] : []),
      ...(this.#refused > 0 ? [`${this.#refused} requests were refused`] : []),
      ...(this.#unexpected > 0 ? [`${this.#unexpected} answers came that nobody waited for`] : []),
    ];
    this.#open.clear();
    return { answered, seconds: (stopped - start) / 1000, problems };
  }

  #send(count: number): void {
    const texts = this.#askers.map(() => '');
    for (let n = 0; n < count; n += 1) {
      const id = `r${this.#next}`;
      this.#open.add(id);
      texts[this.#next % texts.length] += request(this.#target(this.#next), id);
      this.#next += 1;
    }
    this.#askers.forEach((asker, place) => {
      if (texts[place]) asker.send(texts[place]);
    });
  }

  #listen(asker: Line): void {
    let again = '';
    asker.take = (frame) => {
      again += this.#heard(frame);
    };
    asker.readEnded = () => {
      if (again !== '') asker.send(again);
      again = '';
      this.#refill?.();
    };
  }

  /** Takes an answer; gives what is to be sent for it. */
  #heard({ name, text }: Frame): string {
    const type = attribute(text, 'type');
    if (name !== 'iq' || (type !== 'result' && type !== 'error')) return '';
    const id = attribute(text, 'id') ?? '';
    if (!this.#open.has(id)) {
      this.#unexpected += 1;
      return '';
    }
    const redirected = type === 'error' && text.includes('302') ? text.slice(text.indexOf('<iq', 1)) : '';
    // The whole query, up to its own end: the frame ends there too.
    if (redirected.startsWith('<iq')) return redirected;
    this.#open.delete(id);
    if (type === 'error') this.#refused += 1;
    else this.#answered += 1;
    return '';
  }
}

/** Answers whatever is asked: pings too, by which the router learns that a worker lives. */
function answerAll(worker: Line): void {
  let answers = '';
  worker.take = ({ name, text }) => {
    if (name !== 'iq' || attribute(text, 'type') !== 'get') return;
    const content = text.includes(namespace) ? `<done xmlns='${namespace}'/>` : '';
    const { to, id } = { to: attribute(text, 'from') ?? '', id: attribute(text, 'id') ?? '' };
    answers += `<iq type='result' to='${to}' id='${id}'>${content}</iq>`;
  };
  worker.readEnded = () => {
    if (answers !== '') worker.send(answers);
    answers = '';
  };
}

function request(to: string, id: string): string {
  const head = `<iq type='get' to='${to}' id='${id}'><ask xmlns='${namespace}'>`;
  const tail = '</ask></iq>';
  return `${head}${'x'.repeat(Math.max(1, requestLength - head.length - tail.length))}${tail}`;
}
