/** What RFC 6120 section 4.9.3 calls the fault: `restricted-xml` is XML that XMPP forbids (section 11.1). */
export type FramingCondition = 'not-well-formed' | 'restricted-xml';

/** The server's bytes are no XMPP stream: the link has to be closed, nothing more can be read from it. */
export class FramingError extends Error {
  override readonly name = 'FramingError';
  readonly condition: FramingCondition;

  /** @param message What was found and where, in words; never the content of a stanza. */
  constructor(condition: FramingCondition, message: string) {
    super(message);
    this.condition = condition;
  }

  /**
   * The same fault with the place where it is.
   *
   * @param element Name of the stanza; `undefined` between stanzas.
   * @param position Characters of the stream before what was read last.
   */
  at(element: string | undefined, position: number): FramingError {
    const where = element === undefined ? 'between stanzas' : `in <${element}>`;
    return new FramingError(
      this.condition,
      `${this.message} It is ${where}, after about ${position} characters of the stream.`,
    );
  }
}

/** The fault of text that is not XML at all. */
export function notWellFormed(message: string): FramingError {
  return new FramingError('not-well-formed', message);
}
