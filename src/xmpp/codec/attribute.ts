import type { Frame } from './frame.ts';

/**
 * The value of an attribute as it stands in the text, references and all, or `undefined`.
 *
 * @param from Where the element's attributes begin in `frame.attributes`; `to` is where they end.
 */
export function attribute(frame: Frame, from: number, to: number, name: string): string | undefined {
  const { attributes, text } = frame;
  for (let i = from; i < to; i += 4) {
    const start = attributes[i] ?? 0;
    if ((attributes[i + 1] ?? 0) - start === name.length && text.startsWith(name, start)) {
      return text.slice(attributes[i + 2], attributes[i + 3]);
    }
  }
  return undefined;
}
