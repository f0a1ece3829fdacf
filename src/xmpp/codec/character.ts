import { notWellFormed } from './framing-error.ts';

/** An entity or character reference that takes longer than this is none. */
const referenceLimit = 32;

const nameStart = 1;
const namePart = 2;
const classes = new Uint8Array(128);
for (let code = 0; code < 128; code++) {
  const character = String.fromCharCode(code);
  if (/[A-Za-z_:]/.test(character)) classes[code] = nameStart;
  else if (/[0-9.-]/.test(character)) classes[code] = namePart;
}

const fullName =
  /^[:A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C-\u200D\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}][-.0-9:A-Z_a-z\u00B7\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u037D\u037F-\u1FFF\u200C-\u200D\u203F-\u2040\u2070-\u218F\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD\u{10000}-\u{EFFFF}]*$/u;

/** May `code` begin a name? Non-ASCII counts as yes; `isName` decides on the whole. */
export function beginsName(code: number): boolean {
  return code < 128 ? classes[code] === nameStart : true;
}

/** May `code` stand in a name? Non-ASCII counts as yes; `isName` decides on the whole. */
export function continuesName(code: number): boolean {
  return code < 128 ? classes[code] !== 0 : true;
}

/** Whether `name` is a Name of XML 1.0 (production 5). */
export function isName(name: string): boolean {
  return fullName.test(name);
}

/** Space, tab, line feed, carriage return. */
export function isSpace(code: number): boolean {
  return code === 32 || code === 10 || code === 9 || code === 13;
}

/** Whether one UTF-16 code unit is none that XML forbids. */
export function isLegal(code: number): boolean {
  return code < 32 ? code === 10 || code === 9 || code === 13 : code < 0xfffe;
}

/**
 * The place of the `;` that ends the reference at `start`, or -1 when the text ends before it.
 *
 * @throws {FramingError} for anything but the five entities and references to legal characters.
 */
export function referenceEnd(text: string, start: number): number {
  const last = Math.min(text.length, start + referenceLimit);
  for (let i = start + 1; i < last; i++) {
    const code = text.charCodeAt(i);
    if (code === 59) {
      if (!isReference(text.slice(start + 1, i))) break;
      return i;
    }
    if (code !== 35 && (code >= 128 || classes[code] === 0)) break;
    if (i === text.length - 1) return -1;
  }
  if (start + 1 === text.length) return -1;
  throw notWellFormed('There is an & that begins no reference XMPP allows.');
}

function isReference(name: string): boolean {
  switch (name) {
    case 'amp':
    case 'lt':
    case 'gt':
    case 'quot':
    case 'apos':
      return true;
  }
  const hexadecimal = /^#x([0-9a-fA-F]+)$/.exec(name);
  const decimal = /^#([0-9]+)$/.exec(name);
  if (hexadecimal === null && decimal === null) return false;
  const code = hexadecimal === null ? Number(decimal?.[1]) : Number.parseInt(hexadecimal[1] ?? '', 16);
  return isLegalPoint(code);
}

function isLegalPoint(code: number): boolean {
  if (code < 0xd800) return isLegal(code);
  return (code > 0xdfff && code < 0xfffe) || (code > 0xffff && code <= 0x10ffff);
}
