import type { Conversation } from '../../../src/core/pool/conversation/conversations.ts';

/** A conversation of nobody with nobody. */
export const blankConversation: Conversation = {
  serial: 1,
  pool: 'x',
  sender: '',
  proxy: '',
  worker: '',
  at: 0,
  storedAt: 0,
  unmarked: 0,
  gap: 0,
};
