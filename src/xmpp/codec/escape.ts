const special = /[&<>"'\t\n\r]/;
const specials = /[&<>"'\t\n\r]/g;
const specialInText = /[&<>\r]/;
const specialsInText = /[&<>\r]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids.
const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML forbids.
const allForbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

const references: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\t': '&#9;',
  '\n': '&#10;',
  '\r': '&#13;',
};

function reference(character: string): string {
  return references[character] ?? character;
}

/** `value` for an attribute in quotes of either kind. White space survives; what XML cannot hold becomes U+FFFD. */
export function escapeAttribute(value: string): string {
  const legal = forbidden.test(value) ? value.replace(allForbidden, '\ufffd') : value;
  return special.test(legal) ? legal.replace(specials, reference) : legal;
}

/** `value` for the text of an element. What XML cannot hold becomes U+FFFD. */
export function escapeText(value: string): string {
  const legal = forbidden.test(value) ? value.replace(allForbidden, '\ufffd') : value;
  return specialInText.test(legal) ? legal.replace(specialsInText, reference) : legal;
}
