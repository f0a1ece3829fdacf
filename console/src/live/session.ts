import { isRecord } from './answer.ts';

/** What this page may do: the answer of `/v1/session`. */
export interface Session {
  /** Whether it may give commands that change something. */
  readonly write: boolean;
  /** Whether a token would let it do more. */
  readonly tokenNeeded: boolean;
  readonly version: string;
}

export function isSession(value: unknown): value is Session {
  return isRecord(value) && typeof value['write'] === 'boolean' && typeof value['version'] === 'string';
}
