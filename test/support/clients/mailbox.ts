/** Keeps what arrived until a test asks for it, and lets a test wait for what has not. */
export interface Mailbox<Item> {
  add(item: Item): void;
  /** Takes the first item that matches, in order of arrival; waits for one when there is none. */
  take(matches: (item: Item) => boolean, what: string, limit?: number): Promise<Item>;
  /** What arrived and was not taken, oldest first. */
  readonly waiting: readonly Item[];
  /** Forgets what arrived. */
  clear(): void;
  /** Makes each waiting and each further `take` fail: nothing will arrive any more. */
  close(reason: string): void;
}

interface Taker<Item> {
  readonly matches: (item: Item) => boolean;
  readonly resolve: (item: Item) => void;
  readonly reject: (error: Error) => void;
}

/** `owner` and `show` make the error of a wait that was in vain readable. */
export function makeMailbox<Item>(owner: string, show: (item: Item) => string): Mailbox<Item> {
  const waiting: Item[] = [];
  const takers = new Set<Taker<Item>>();
  let closed: string | undefined;
  const complain = (what: string, why: string) =>
    new Error(`${owner} waited for ${what}: ${why}; had: ${waiting.map(show).join('\n') || 'nothing'}`);

  return {
    waiting,
    add(item) {
      for (const taker of takers) {
        if (taker.matches(item)) {
          taker.resolve(item);
          return;
        }
      }
      waiting.push(item);
    },
    async take(matches, what, limit = 30_000) {
      const index = waiting.findIndex(matches);
      const [found] = index < 0 ? [] : waiting.splice(index, 1);
      if (found !== undefined) {
        return found;
      }
      if (closed !== undefined) {
        throw complain(what, closed);
      }
      return await new Promise<Item>((resolve, reject) => {
        const timer = setTimeout(() => {
          taker.reject(complain(what, `nothing in ${limit} ms`));
        }, limit);
        const settle = () => {
          clearTimeout(timer);
          takers.delete(taker);
        };
        const taker: Taker<Item> = {
          matches,
          resolve(item) {
            settle();
            resolve(item);
          },
          reject(error) {
            settle();
            reject(error);
          },
        };
        takers.add(taker);
      });
    },
    clear() {
      waiting.length = 0;
    },
    close(reason) {
      closed = reason;
      for (const taker of takers) {
        taker.reject(complain('a stanza', reason));
      }
    },
  };
}
