import type { MessageType } from '../../core/envelope.ts';

/** The type that an attribute says, or `undefined` when it says none of RFC 6121 section 5.2.2. */
export function messageType(value: string | undefined): MessageType | undefined {
  switch (value) {
    case 'normal':
    case 'chat':
    case 'headline':
    case 'groupchat':
    case 'error':
      return value;
    default:
      return undefined;
  }
}
