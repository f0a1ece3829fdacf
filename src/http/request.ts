import type { Need } from './access.ts';
import type { Reply } from './reply.ts';

/** The command that a request stands for. */
export interface Ask {
  readonly command: string;
  readonly given: Readonly<Record<string, unknown>>;
  /** Status when it is done. */
  readonly done: number;
}

/** What a client wants to be told again and again. */
export interface Watching {
  readonly watch: string;
  readonly given: Readonly<Record<string, unknown>>;
  /** Milliseconds. */
  readonly interval: number;
}

/** A request, as far as it says what is asked for. */
export interface CommandRequest {
  readonly method: 'GET' | 'POST';
  readonly query: string;
  /** The object that it carries. */
  readonly object: Readonly<Record<string, unknown>>;
}

/** What can be asked for at a path. */
export interface Place {
  readonly methods: readonly CommandRequest['method'][];
  readonly needs: (method: CommandRequest['method']) => Need;
  readonly ask: (request: CommandRequest) => Ask | Reply | Watching;
}
