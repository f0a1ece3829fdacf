import { bare, sameAddress } from './address.ts';
import type { Element } from './element.ts';
import { NotConnected } from './not-connected.ts';

/** Requests under way; more are refused, so that a silent peer cannot fill the memory. */
const limit = 10_000;

interface Entry {
  readonly to: string;
  readonly resolve: (answer: Element) => void;
  readonly reject: (error: Error) => void;
}

/** Requests that wait for their answer. An answer counts only from whom was asked (RFC 6120 section 8.1.2.1). */
export class Pending {
  readonly #entries = new Map<string, Entry>();

  /** Waits for the answer, result or error; fails after `timeout` milliseconds. */
  wait(id: string, to: string, timeout: number): Promise<Element> {
    return new Promise((resolve, reject) => {
      if (this.#entries.has(id)) throw new Error(`a request with the id ${id} is under way`);
      if (this.#entries.size >= limit) throw new Error(`${limit} requests are under way`);
      const timer = setTimeout(() => {
        settle(() => reject(new Error(`${to} did not answer within ${timeout / 1000} s`)));
      }, timeout);
      const settle = (end: () => void): void => {
        clearTimeout(timer);
        this.#entries.delete(id);
        end();
      };
      this.#entries.set(id, {
        to,
        resolve: (answer) => settle(() => resolve(answer)),
        reject: (error) => settle(() => reject(error)),
      });
    });
  }

  /** Gives an answer to whom it belongs; `own` is the full JID of the session. */
  take(answer: Element, own: string): 'taken' | 'unknown' | 'forged' {
    const entry = this.#entries.get(answer.attrs['id'] ?? '');
    if (entry === undefined) return 'unknown';
    const { from } = answer.attrs;
    // The own server answers for the account, and may leave out the address.
    const account = sameAddress(entry.to, bare(own)) && from === undefined;
    if (!account && !sameAddress(entry.to, from ?? '')) return 'forged';
    entry.resolve(answer);
    return 'taken';
  }

  /** Gives up on one. */
  abandon(id: string, error: Error): void {
    this.#entries.get(id)?.reject(error);
  }

  /** No answer can come any more: the session is over. */
  abandonAll(reason: string): void {
    for (const entry of this.#entries.values()) entry.reject(new NotConnected(reason));
  }
}
