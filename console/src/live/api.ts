import { type Answer, readAnswer, unreachable } from './answer.ts';

/** Milliseconds without an answer. */
const patience = 20_000;

/** Asks the router this page comes from, with the token that it was given. */
export class Api {
  token: string | undefined;
  readonly #base: URL;

  /** @param page The address of this page, `/console/` or what a proxy makes of it. */
  constructor(page: string) {
    this.#base = new URL('../', page);
  }

  /** Opens a path below the root of the router; used for streams. */
  open(path: string, signal: AbortSignal): Promise<Response> {
    return this.#fetch(path, { signal });
  }

  /** Reads a path such as `v1/session`. Never rejects. */
  read(path: string): Promise<Answer> {
    return this.#answer(path, {});
  }

  /** Gives a command. Never rejects. */
  give(command: string, given: Readonly<Record<string, unknown>>): Promise<Answer> {
    return this.#answer(`v1/commands/${command}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(given),
    });
  }

  async #answer(path: string, init: RequestInit): Promise<Answer> {
    try {
      const response = await this.#fetch(path, { ...init, signal: AbortSignal.timeout(patience) });
      return readAnswer(response.status, await response.text());
    } catch {
      return { refused: unreachable };
    }
  }

  #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.token !== undefined) headers.set('authorization', `Bearer ${this.token}`);
    return fetch(new URL(path, this.#base), {
      ...init,
      headers,
      cache: 'no-store',
      credentials: 'same-origin',
      redirect: 'error',
    });
  }
}

/** The path of a command that only reads, with its fields; `door` is `watch` for a stream. */
export function readPath(
  door: 'watch' | 'commands',
  command: string,
  given: Readonly<Record<string, string | number>>,
): string {
  const query = new URLSearchParams(Object.entries(given).map(([name, value]) => [name, String(value)])).toString();
  return `v1/${door}/${command}${query === '' ? '' : `?${query}`}`;
}
