import { child, type Frame } from './frame.ts';

/** A declaration of a prefix on the stanza: its name, and the whole as it stands. */
interface Declaration {
  readonly name: string;
  readonly text: string;
}

/** The prefixes that the stanza itself declares. Its children need them when they leave it. */
export function declarations(frame: Frame): readonly Declaration[] {
  const { text, attributes, ownAttributes } = frame;
  const found: Declaration[] = [];
  for (let i = 0; i < ownAttributes; i += 4) {
    const start = attributes[i] ?? 0;
    if (!text.startsWith('xmlns:', start)) continue;
    // With its quotes, so that nothing in the value has to be read.
    const value = text.slice((attributes[i + 2] ?? 0) - 1, (attributes[i + 3] ?? 0) + 1);
    const name = text.slice(start, attributes[i + 1]);
    found.push({ name, text: ` ${name}=${value}` });
  }
  return found;
}

/** The text of the child at `at`, with the prefixes declared that it may use and does not declare. */
export function standAlone(frame: Frame, at: number, declared: readonly Declaration[]): string {
  const { text, children } = frame;
  const start = children[at + child.start] ?? 0;
  const nameEnd = children[at + child.nameEnd] ?? 0;
  const missing = missingIn(frame, at, declared);
  return text.slice(start, nameEnd) + missing + text.slice(nameEnd, children[at + child.end]);
}

/** The declarations that the child at `at` does not have itself, as attributes. */
export function missingIn(frame: Frame, at: number, declared: readonly Declaration[]): string {
  const { text, attributes, children } = frame;
  let missing = '';
  for (const declaration of declared) {
    let own = false;
    for (let i = children[at + child.attributesFrom] ?? 0; i < (children[at + child.attributesTo] ?? 0); i += 4) {
      own ||= text.slice(attributes[i], attributes[i + 1]) === declaration.name;
    }
    if (!own) missing += declaration.text;
  }
  return missing;
}
