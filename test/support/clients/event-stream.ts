import type { IncomingMessage } from 'node:http';

/** An event of a stream, or a comment (`event` is empty). */
export interface StreamEvent {
  readonly event: string;
  readonly data: string;
}

/** Reads server-sent events (WHATWG HTML, section 9.2), one after another. */
export async function* eventsOf(response: IncomingMessage): AsyncGenerator<StreamEvent, void> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) {
    text += String(chunk);
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      yield read(text.slice(0, end));
      text = text.slice(end + 2);
    }
  }
}

function read(block: string): StreamEvent {
  const lines = block.split('\n').map((line) => /^([^:]*): ?(.*)$/s.exec(line) ?? [line, '', '']);
  const valuesOf = (key: string): string =>
    lines
      .filter(([, name]) => name === key)
      .map(([, , value]) => value)
      .join('\n');
  return { event: valuesOf('event'), data: valuesOf('data') };
}
