/** One top-level element of a component stream. */
export interface Frame {
  readonly name: string;
  readonly text: string;
  /** Where the next one begins. */
  readonly end: number;
}

const gt = 0x3e;
const slash = 0x2f;
const openingName = /^<(\/?[^\s/>]+)/;

/**
 * Cuts the element that begins at or after `at`, or gives `undefined` while it is incomplete.
 * Made for what the components of this bench write: no CDATA, no `>` in an attribute, no
 * element inside another of the same name.
 */
export function frameAt(bytes: Buffer, at: number): Frame | undefined {
  let start = at;
  while (start < bytes.length && (bytes[start] ?? 0) <= 0x20) start++;
  const openEnd = bytes.indexOf(gt, start);
  if (openEnd < 0) return undefined;
  const name = openingName.exec(bytes.toString('latin1', start, openEnd + 1))?.[1];
  if (name === undefined) throw new Error(`not an element: ${bytes.toString('latin1', start, start + 80)}`);
  let end = openEnd + 1;
  if (bytes[openEnd - 1] !== slash && !name.startsWith('?') && !name.startsWith('/') && name !== 'stream:stream') {
    const closing = `</${name}>`;
    const found = bytes.indexOf(closing, end, 'latin1');
    if (found < 0) return undefined;
    end = found + closing.length;
  }
  return { name, text: bytes.toString('utf8', start, end), end };
}

/** The attribute `name` of the element's opening tag, its quotes removed. */
export function attribute(text: string, name: string): string | undefined {
  const tag = text.slice(0, text.indexOf('>'));
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:'([^']*)'|"([^"]*)")`).exec(tag);
  return match?.[1] ?? match?.[2];
}
