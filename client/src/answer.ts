import type { Content, Element } from './element.ts';

export interface MessageOptions {
  readonly id?: string;
  readonly thread?: string;
  /** Default `chat`. */
  readonly type?: 'chat' | 'normal' | 'headline';
  /** Asks for another algorithm, for this message alone (XEP-0354): a URN. */
  readonly algorithm?: string;
  /** Asks the pool for this guarantee, for this message alone. A pool that does not give it refuses the message. */
  readonly guarantee?: 'plain' | 'at-least-once';
  /** Milliseconds, counted in whole seconds, after which the pool gives the message up, if it lets senders say so. */
  readonly ttl?: number;
}

/** What came back for a message. */
export interface Answer {
  /** Who answered: the worker, seen through the pool. A message to this address reaches the same worker. */
  readonly from: string;
  readonly body: string;
  readonly message: Element;
}

/** What a conversation needs of a sender. */
export interface Asker {
  send(to: string, content: Content, options?: MessageOptions): Promise<string>;
  ask(to: string, content: Content): Promise<Answer>;
}
