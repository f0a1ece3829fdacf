/** One event of a stream (HTML, server-sent events). */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
}

/** Most characters of an event; a stream with a longer one is none of ours. */
const limit = 64 * 1024 * 1024;

/** Reads server-sent events from text as it comes, in pieces that end anywhere. Comments are passed over. */
export class EventReader {
  readonly #emit: (event: StreamEvent) => void;
  #rest = '';
  #name = '';
  #data: string[] = [];
  #size = 0;

  constructor(emit: (event: StreamEvent) => void) {
    this.#emit = emit;
  }

  /** Takes the next piece. Throws `RangeError` at an event that is too long. */
  read(text: string): void {
    const lines = (this.#rest + text).split(/\r\n|\n/);
    this.#rest = lines.pop() ?? '';
    if (this.#size + this.#rest.length > limit) throw new RangeError('An event is too long.');
    for (const line of lines) this.#line(line);
  }

  #line(line: string): void {
    if (line === '') {
      if (this.#data.length > 0) this.#emit({ name: this.#name || 'message', data: this.#data.join('\n') });
      this.#name = '';
      this.#data = [];
      this.#size = 0;
      return;
    }
    const [, field = '', value = ''] = /^([^:]*)(?::\x20?(.*))?$/.exec(line) ?? [];
    if (field === 'event') this.#name = value;
    if (field !== 'data') return;
    this.#data.push(value);
    this.#size += value.length;
  }
}
