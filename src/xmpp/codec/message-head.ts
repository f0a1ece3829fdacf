import type { MessageType } from '../../core/envelope.ts';
import type { Frame } from './frame.ts';
import { messageType } from './message-type.ts';
import { ns } from './namespaces.ts';

/** What the open tag of a message says; `''` where it says nothing. */
export interface MessageHead {
  from: string;
  to: string;
  id: string;
  lang: string;
  type: MessageType | undefined;
}

export function emptyHead(): MessageHead {
  return { from: '', to: '', id: '', lang: '', type: undefined };
}

/** Fills `head` from the frame's notes. False when the message is not in a namespace of ours. */
export function readHead(frame: Frame, head: MessageHead): boolean {
  const { text, attributes, ownAttributes } = frame;
  head.from = head.to = head.id = head.lang = '';
  head.type = undefined;
  for (let i = 0; i < ownAttributes; i += 4) {
    const start = attributes[i] ?? 0;
    const length = (attributes[i + 1] ?? 0) - start;
    const value = text.slice(attributes[i + 2], attributes[i + 3]);
    if (length === 2) {
      const first = text.charCodeAt(start);
      const second = text.charCodeAt(start + 1);
      if (first === 116 && second === 111) head.to = value;
      else if (first === 105 && second === 100) head.id = value;
    } else if (length === 4) {
      if (text.startsWith('from', start)) head.from = value;
      else if (text.startsWith('type', start)) head.type = messageType(value);
    } else if (length === 5) {
      if (text.startsWith('xmlns', start) && value !== ns.component && value !== ns.client) return false;
    } else if (length === 8 && text.startsWith('xml:lang', start)) {
      head.lang = value;
    }
  }
  return true;
}
