import type { KeyPath } from './issue.ts';

/** Nothing that people write by hand nests deeper; a bound keeps the reader off the end of the stack. */
const maxDepth = 64;

/** A key that stands twice in the same object. `JSON.parse` would silently take the last. */
export interface DuplicateKey {
  readonly path: KeyPath;
  readonly offset: number;
  readonly firstOffset: number;
}

/** A JSON text with the place of each of its values. */
export interface JsonDocument {
  readonly value: unknown;
  /** Offset of the key (or, in lists, of the value) by `pathKey(path)`. */
  readonly offsets: ReadonlyMap<string, number>;
  readonly duplicates: readonly DuplicateKey[];
}

/** Part of a text, in UTF-16 code units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The text is no JSON. Only the first error is known: what follows it has no certain meaning. */
export class JsonSyntaxError extends Error {
  readonly offset: number;
  readonly suggestion: string;
  /** Texts and numbers read before the error that may be secret: all but keys. */
  readonly values: readonly Span[];

  constructor(offset: number, problem: string, suggestion: string, values: readonly Span[]) {
    super(problem);
    this.name = 'JsonSyntaxError';
    this.offset = offset;
    this.suggestion = suggestion;
    this.values = values;
  }
}

/** A path as a key of a map. */
export function pathKey(path: KeyPath): string {
  return JSON.stringify(path);
}

/**
 * Reads JSON (RFC 8259) and remembers where each value stands and which keys stand twice.
 * Throws `JsonSyntaxError`.
 */
export function parseJson(text: string): JsonDocument {
  return new JsonReader(text).document();
}

class JsonReader {
  readonly #text: string;
  #at = 0;
  readonly #path: (string | number)[] = [];
  readonly #offsets = new Map<string, number>();
  readonly #duplicates: DuplicateKey[] = [];
  readonly #values: Span[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  document(): JsonDocument {
    const value = this.#value();
    this.#space();
    if (this.#at < this.#text.length) {
      this.#fail('The text goes on after its end.', 'Remove what follows the last bracket.');
    }
    return { value, offsets: this.#offsets, duplicates: this.#duplicates };
  }

  #value(): unknown {
    this.#space();
    if (this.#path.length > maxDepth)
      this.#fail('The text nests too deeply.', `Nest at most ${String(maxDepth)} levels.`);
    const next = this.#text[this.#at];
    if (next === '{') return this.#object();
    if (next === '[') return this.#list();
    const start = this.#at;
    const value = next === '"' ? this.#string() : this.#word();
    this.#values.push({ start, end: this.#at });
    return value;
  }

  #object(): unknown {
    const object: Record<string, unknown> = {};
    this.#at += 1;
    this.#space();
    if (this.#take('}')) return object;
    const seen = new Map<string, number>();
    do {
      this.#space();
      this.#member(object, seen);
      this.#space();
    } while (this.#take(','));
    if (!this.#take('}'))
      this.#fail(`Expected a comma or }, found ${this.#next()}.`, this.#hint('Put a comma between two keys.'));
    return object;
  }

  #member(object: Record<string, unknown>, seen: Map<string, number>): void {
    const start = this.#at;
    if (this.#text[start] === '}')
      this.#fail('A comma before } is not allowed in JSON.', 'Remove the comma before it.');
    if (this.#text[start] !== '"') {
      this.#fail(`Expected a key in double quotes, found ${this.#next()}.`, this.#hint('Write keys as "key".'));
    }
    const key = this.#string();
    const keySpan = { start, end: this.#at };
    this.#space();
    if (!this.#take(':')) {
      this.#values.push(keySpan);
      this.#fail(`Expected a colon after a key, found ${this.#next()}.`, this.#hint('Write "key": value.'));
    }
    if (key === '__proto__') {
      this.#at = start;
      this.#fail('The key "__proto__" cannot be used.', 'Write another key.');
    }
    this.#path.push(key);
    const first = seen.get(key);
    if (first !== undefined) this.#duplicates.push({ path: [...this.#path], offset: start, firstOffset: first });
    else seen.set(key, start);
    this.#offsets.set(pathKey(this.#path), start);
    const value = this.#value();
    object[key] = value;
    this.#path.pop();
  }

  #list(): unknown {
    const list: unknown[] = [];
    this.#at += 1;
    this.#space();
    if (this.#take(']')) return list;
    do {
      this.#space();
      if (this.#text[this.#at] === ']')
        this.#fail('A comma before ] is not allowed in JSON.', 'Remove the comma before it.');
      this.#path.push(list.length);
      this.#offsets.set(pathKey(this.#path), this.#at);
      list.push(this.#value());
      this.#path.pop();
      this.#space();
    } while (this.#take(','));
    if (!this.#take(']'))
      this.#fail(`Expected a comma or ], found ${this.#next()}.`, this.#hint('Put a comma between two values.'));
    return list;
  }

  #string(): string {
    const start = this.#at;
    let end = start + 1;
    while (end < this.#text.length && this.#text[end] !== '"' && this.#text[end] !== '\n') {
      end += this.#text[end] === '\\' ? 2 : 1;
    }
    if (this.#text[end] !== '"') this.#fail('A text is not closed.', 'Write the closing " on the same line.');
    this.#at = end + 1;
    try {
      return String(JSON.parse(this.#text.slice(start, end + 1)));
    } catch {
      this.#at = start;
      return this.#fail(
        'A text holds a control character or an unknown escape.',
        'Write a backslash as \\\\, a tab as \\t, a line break as \\n.',
      );
    }
  }

  #word(): unknown {
    const word = /^(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.+-])/.exec(
      this.#text.slice(this.#at, this.#at + 400),
    );
    if (word === null) {
      const what =
        this.#at >= this.#text.length ? 'The text ends too early.' : `Expected a value, found ${this.#next()}.`;
      return this.#fail(what, this.#hint('Write texts in double quotes; numbers, true, false and null without.'));
    }
    this.#at += word[0].length;
    return JSON.parse(word[0]);
  }

  #space(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at += 1;
    return true;
  }

  #next(): string {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) return 'the end of the text';
    const character = String.fromCodePoint(code);
    // What stands unquoted where it should not may be the first letter of a secret.
    if (/[\p{L}\p{N}]/u.test(character)) return 'a letter or digit';
    return character === '"' ? 'a double quote' : character;
  }

  #hint(general: string): string {
    const next = this.#text[this.#at];
    if (next === '/' || next === '#') return 'JSON has no comments. Remove it.';
    if (next === "'") return 'Use double quotes.';
    if (next === undefined) return 'Close every { with } and every [ with ].';
    return general;
  }

  #fail(problem: string, suggestion: string): never {
    throw new JsonSyntaxError(this.#at, problem, suggestion, this.#values);
  }
}
