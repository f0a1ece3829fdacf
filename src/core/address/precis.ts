/**
 * The string preparation that XMPP addresses need (RFC 8264, 8265), without tables of our own:
 * what JavaScript knows of Unicode is used. Not checked: the bidirectional rule, the contextual
 * rules for joiners, middle dots and the like, and, in the FreeformClass, code points that are
 * unassigned, private or ignorable (emoji sequences hold some). Servers check addresses before they reach a
 * component; this makes the two sides of a comparison alike.
 */

const halfAndFullWidth = /[\u3000\uff00-\uffef]/gu;
/** IdentifierClass (RFC 8264 section 4.2): printable ASCII, letters, marks and digits. */
const identifierClass = /^[\x21-\x7e\p{Ll}\p{Lu}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}]*$/u;
/** Exceptions and Old Hangul Jamo that RFC 8264 sections 9.6 and 9.9 disallow among them. */
const identifierForbidden = /\u302e|\u302f|[\u0640\u07fa\u3031-\u3035\u303b\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/u;
const notAscii = /\P{ASCII}/u;
const controlOrBroken = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;
const otherSpaces = /\p{Zs}/gu;

/** UsernameCaseMapped (RFC 8265 section 3.3), or `undefined` for what is in no identifier. */
export function usernameCaseMapped(text: string): string | undefined {
  const mapped = mapWidth(text).toLowerCase().normalize('NFC');
  if (!identifierClass.test(mapped) || identifierForbidden.test(mapped)) return undefined;
  return notAscii.test(mapped) && hasCompatibility(mapped) ? undefined : mapped;
}

/** OpaqueString (RFC 8265 section 4.2), or `undefined` for what is in no free text. */
export function opaqueString(text: string): string | undefined {
  return controlOrBroken.test(text) ? undefined : text.replace(otherSpaces, ' ').normalize('NFC');
}

/** A domain's mapping (RFC 7622 section 3.2.1): width, case, NFC, the ideographic full stop. */
export function domainMapped(text: string): string {
  return mapWidth(text).toLowerCase().normalize('NFC').replaceAll('\u3002', '.');
}

/** Maps half-width and full-width characters to the ones they stand for (RFC 8265 section 3.3.2). */
function mapWidth(text: string): string {
  return text.replace(halfAndFullWidth, (character) => character.normalize('NFKC'));
}

/** Whether any character has a compatibility equivalent (RFC 8264 section 9.17). */
function hasCompatibility(text: string): boolean {
  for (const character of text) if (character.normalize('NFKC') !== character.normalize('NFC')) return true;
  return false;
}
