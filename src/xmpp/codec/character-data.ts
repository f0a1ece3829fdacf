import { isLegal, isSpace, referenceEnd } from './character.ts';
import { notWellFormed } from './framing-error.ts';

/** Between stanzas: the offset of the next `<` or the end of the text. Nothing but white space may stand there. */
export function whiteSpaceEnd(text: string, pos: number): number {
  let i = pos;
  while (isSpace(text.charCodeAt(i))) i++;
  if (i < text.length && text.charCodeAt(i) !== 60) throw notWellFormed('There is text between stanzas.');
  return i;
}

/**
 * The offset of the `<` that ends the character data at `pos`. When the text ends before it: the
 * complement (`~`) of the offset from which on it has to be seen again, with what follows.
 */
export function textEnd(text: string, pos: number): number {
  for (let i = pos; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 62 && code < 0xfffe) continue;
    if (code === 60) return i;
    if (code === 38) {
      const end = referenceEnd(text, i);
      if (end < 0) return ~i;
      i = end;
    } else if (code === 62) {
      if (closesCdata(text, i, pos)) throw notWellFormed('There is a ]]> outside of a CDATA section.');
    } else if (!isLegal(code)) {
      throw notWellFormed('There is a character that XML forbids.');
    }
  }
  return ~beforeBrackets(text, pos);
}

/** The offset after the `]]>` of a CDATA section, or as `textEnd`. */
export function cdataEnd(text: string, pos: number): number {
  for (let i = pos; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 62 && closesCdata(text, i, pos)) return i + 1;
    if (!isLegal(code)) throw notWellFormed('There is a character that XML forbids.');
  }
  return ~beforeBrackets(text, pos);
}

/** Whether the `>` at `i` stands after `]]` that is not before `from`. */
function closesCdata(text: string, i: number, from: number): boolean {
  return i - 2 >= from && text.charCodeAt(i - 1) === 93 && text.charCodeAt(i - 2) === 93;
}

/** The end of the text, less the brackets that may be the beginning of `]]>`. */
function beforeBrackets(text: string, from: number): number {
  let end = text.length;
  while (end > from && text.length - end < 2 && text.charCodeAt(end - 1) === 93) end--;
  return end;
}
