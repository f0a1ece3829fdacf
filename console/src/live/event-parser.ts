/** One event of a stream of server-sent events. */
export interface StreamEvent {
  /** `message` where the stream names none. */
  readonly name: string;
  readonly data: string;
}

/** Most characters of one event; a stream that sends more is not one of ours. */
const longest = 16_000_000;

/**
 * Cuts a stream into events (HTML Living Standard, section 9.2.6), whatever pieces it comes in.
 * Ids and times to wait are not used here, and left out.
 */
export class EventParser {
  #rest = '';
  #name = '';
  #lines: string[] = [];
  #size = 0;

  /** The events that `text` completes. Throws when an event is longer than any of ours. */
  push(text: string): StreamEvent[] {
    const events: StreamEvent[] = [];
    const whole = this.#rest + text;
    let at = 0;
    for (;;) {
      const end = endOfLine(whole, at);
      if (end === undefined) break;
      this.#take(whole.slice(at, end.at), events);
      at = end.next;
    }
    this.#rest = whole.slice(at);
    if (this.#rest.length + this.#size > longest) throw new Error('An event of the stream is too long.');
    return events;
  }

  #take(line: string, events: StreamEvent[]): void {
    if (line === '') {
      if (this.#lines.length > 0) events.push({ name: this.#name || 'message', data: this.#lines.join('\n') });
      this.#name = '';
      this.#lines = [];
      this.#size = 0;
      return;
    }
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (field === 'event') this.#name = value;
    if (field === 'data') {
      this.#lines.push(value);
      this.#size += value.length;
    }
  }
}

/** A line ends with LF, CR, or both; a CR at the end of a piece may still get its LF. */
function endOfLine(text: string, from: number): { readonly at: number; readonly next: number } | undefined {
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10) return { at, next: at + 1 };
    if (code !== 13) continue;
    if (at + 1 === text.length) return undefined;
    return { at, next: text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1 };
  }
  return undefined;
}
