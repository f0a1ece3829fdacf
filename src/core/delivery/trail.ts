import type { MessageEnvelope } from '../envelope.ts';
import type { Conversation } from '../pool/conversation/conversations.ts';

const nowhereBefore: readonly string[] = [];

/**
 * The message as it goes to a worker. Loops are found by what pools leave in messages, and what is
 * left costs every server on the way, so that a first pool leaves it in a part of them: in a sender's
 * first message and then in one of every 1 to 128. In what goes round sooner or later there is a
 * mark. Who brings one passes on what he gets: all that he sends is marked from then on.
 */
export function withTrail(conversation: Conversation, message: MessageEnvelope): MessageEnvelope {
  if (message.hops !== undefined) {
    if (message.hops.length > 0) passesOn(conversation);
    return message;
  }
  if (conversation.unmarked > 0) {
    conversation.unmarked -= 1;
    return message;
  }
  if (conversation.gap >= 0) {
    // Each of 0 to 127 once, in an order that falls in step with nothing: a loop may be one in so many.
    conversation.gap = (conversation.gap * 5 + 3) % 128;
    conversation.unmarked = conversation.gap;
  }
  return marked(message);
}

/** The message with a trail, whoever sends it: copies multiply where they go round. */
export function marked(message: MessageEnvelope): MessageEnvelope {
  return message.hops === undefined ? { ...message, hops: nowhereBefore } : message;
}

/** The sender of this conversation brings what has passed a pool. */
export function passesOn(conversation: Conversation): void {
  conversation.gap = -1;
  conversation.unmarked = 0;
}
