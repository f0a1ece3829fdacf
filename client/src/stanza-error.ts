import { type Element, xml } from './element.ts';
import { ns } from './namespaces.ts';

/** RFC 6120 section 8.3.2. */
export type ErrorType = 'auth' | 'cancel' | 'continue' | 'modify' | 'wait';

const types: readonly ErrorType[] = ['auth', 'cancel', 'continue', 'modify', 'wait'];

/**
 * An error of a stanza (RFC 6120 section 8.3): one that came back, or one that a handler throws to
 * say no. `message` is the text for people.
 */
export class StanzaError extends Error {
  override readonly name = 'StanzaError';
  readonly type: ErrorType;
  /** The defined condition, such as `not-allowed`. */
  readonly condition: string;
  /** Who said it, when it came from outside. */
  readonly from: string | undefined;
  /** Where to turn to instead, as `<redirect/>` and `<gone/>` say it: a URI. */
  readonly alternative: string | undefined;

  constructor(type: ErrorType, condition: string, text: string, from?: string, alternative?: string) {
    super(text);
    this.type = type;
    this.condition = condition;
    this.from = from;
    this.alternative = alternative;
  }
}

/** Reads the error of a stanza of type `error`, whatever it looks like. */
export function readError(stanza: Element): StanzaError {
  const error = stanza.getChild('error');
  const condition = error
    ?.getChildElements()
    .find((child) => child.getNS() === ns.stanzaErrors && child.name !== 'text');
  // Before RFC 3920 an error had a code only; 302 is read as XEP-0086 says.
  const name = condition?.name ?? (error?.attrs['code'] === '302' ? 'redirect' : 'undefined-condition');
  const text = error?.getChildText('text', ns.stanzaErrors) ?? '';
  const type = types.find((known) => known === error?.attrs['type']) ?? 'cancel';
  const from = stanza.attrs['from'];
  const alternative = condition?.getText().trim();
  const said = text === '' ? name : `${name}: ${text}`;
  return new StanzaError(type, name, said, from, alternative === '' ? undefined : alternative);
}

/** Whether the error may pass by itself: the router is away, or busy. ejabberd says `cancel`, as if it never came back. */
export function isPassing({ type, condition }: StanzaError): boolean {
  return type === 'wait' || condition.startsWith('remote-server-');
}

/** `<error/>` as it goes into an answer. */
export function errorElement({ type, condition, message }: StanzaError): Element {
  return xml(
    'error',
    { type },
    xml(condition, { xmlns: ns.stanzaErrors }),
    xml('text', { xmlns: ns.stanzaErrors, 'xml:lang': 'en' }, message),
  );
}

/** What a failure of a handler is told as: nothing of its own text leaves the process. */
export function errorFor(failure: unknown): StanzaError {
  return failure instanceof StanzaError
    ? failure
    : new StanzaError('cancel', 'internal-server-error', 'The worker failed while it worked on this.');
}
