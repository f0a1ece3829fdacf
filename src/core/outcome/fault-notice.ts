import type { Inbound } from '../envelope.ts';
import type { Notice } from '../ports.ts';

/** What an operator is told of a stanza that was lost to a fault of ours. */
export function faultNotice(stanza: Inbound, pool: string | undefined, error: unknown): Notice {
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    level: 'error',
    event: 'fault',
    pool,
    text: 'a stanza was lost to a fault of Switchyard; please report it',
    detail: { stanza: stanza.kind, from: stanza.from ?? '', to: stanza.to ?? '', trace },
  };
}
