import { domainMapped, opaqueString, usernameCaseMapped } from './precis.ts';

/**
 * Addresses as strings. The hot path compares and slices; nothing here makes an object for
 * an address that a message carries.
 */

/** The bare JID of `jid`: all before the first slash (RFC 7622 section 3.2). */
export function bareOf(jid: string): string {
  const slash = jid.indexOf('/');
  return slash < 0 ? jid : jid.slice(0, slash);
}

/** The resourcepart, or `undefined`. */
export function resourceOf(jid: string): string | undefined {
  const slash = jid.indexOf('/');
  return slash < 0 ? undefined : jid.slice(slash + 1);
}

/** The domainpart of a full or bare JID. */
export function domainOf(jid: string): string {
  const bare = bareOf(jid);
  const at = bare.indexOf('@');
  return at < 0 ? bare : bare.slice(at + 1);
}

/** The localpart, or `undefined`. */
export function localOf(jid: string): string | undefined {
  const bare = bareOf(jid);
  const at = bare.indexOf('@');
  return at < 0 ? undefined : bare.slice(0, at);
}

/** Longest part in bytes of UTF-8 (RFC 7622 section 3). */
const partBytes = 1023;
/** Longest JID: three parts, `@` and `/`. */
const jidBytes = 3 * partBytes + 2;

/**
 * Whether `text` looks like a JID, for addresses that a server vouches for: no empty part, one
 * `@` before the resource, no control character, at most 3071 bytes. Cheap; `prepareJid` is the full check.
 */
export function isPlausibleJid(text: string): boolean {
  const slash = text.indexOf('/');
  const end = slash < 0 ? text.length : slash;
  const at = text.indexOf('@');
  if (end === 0 || slash === text.length - 1) return false;
  if (at === 0 || at === end - 1) return false;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x20 || unit === 0x7f) return false;
    if (unit === 0x40 && index < end && index !== at) return false;
  }
  return text.length * 3 <= jidBytes || utf8Length(text) <= jidBytes;
}

/** Length of `text` in bytes of UTF-8. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    // Each half of a surrogate pair is two of the pair's four bytes.
    bytes += unit < 0x80 ? 1 : unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3;
  }
  return bytes;
}

export type PreparedPart =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly problem: string };
export type PreparedJid =
  | { readonly ok: true; readonly jid: string }
  | { readonly ok: false; readonly problem: string };

/** JIDs that preparation returns as they are; the others go the long way. */
const preparedAscii =
  /^(?:[a-z0-9!#$%()*+,\-.;=?[\\\]^_`{|}~]+@)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?:\/[\x20-\x7e]+)?$/;

/** Prepares a localpart (RFC 7622 section 3.3: UsernameCaseMapped, and what it forbids besides). */
export function prepareLocal(text: string): PreparedPart {
  const value = usernameCaseMapped(text);
  if (value === undefined) return refuse('localpart', text, 'holds a space, a control character or a symbol');
  if (/["&'/:<>@]/.test(value)) return refuse('localpart', text, 'holds one of " & \' / : < > @');
  return checkLength('localpart', text, value);
}

/**
 * Prepares a domainpart (RFC 7622 section 3.2): lower case, without the final dot; an IPv6
 * address stands in brackets. A-labels (`xn--`) are left as they are.
 */
export function prepareDomain(text: string): PreparedPart {
  if (text.startsWith('[')) {
    return /^\[[0-9a-f:.]*:[0-9a-f:.]*\]$/i.test(text)
      ? { ok: true, value: text.toLowerCase() }
      : refuse('domain', text, 'begins with [ but is no IPv6 address in brackets');
  }
  const value = domainMapped(text).replace(/\.$/, '');
  if (value === '') return refuse('domain', text, 'is empty');
  for (const label of value.split('.')) {
    if (label === '') return refuse('domain', text, 'has an empty label');
    if (utf8Length(label) > 63) return refuse('domain', text, 'has a label of more than 63 bytes');
    if (!/^[\p{L}\p{M}\p{Nd}_-]+$/u.test(label) || label.startsWith('-') || label.endsWith('-')) {
      return refuse('domain', text, 'may hold letters, digits, and hyphens inside its labels only');
    }
  }
  return checkLength('domain', text, value);
}

/** Prepares a resourcepart (RFC 7622 section 3.4: OpaqueString). */
export function prepareResource(text: string): PreparedPart {
  const value = opaqueString(text);
  if (value === undefined) return refuse('resource', text, 'holds a control character or half a character');
  return checkLength('resource', text, value);
}

/** Prepares a full or bare JID, or a domain; `problem` says in words what is wrong with which part. */
export function prepareJid(text: string): PreparedJid {
  if (text.length <= partBytes && preparedAscii.test(text)) return { ok: true, jid: text };
  const local = localOf(text);
  const resource = resourceOf(text);
  const domain = prepareDomain(domainOf(text));
  if (!domain.ok) return domain;
  let jid = domain.value;
  if (local !== undefined) {
    const prepared = prepareLocal(local);
    if (!prepared.ok) return prepared;
    jid = `${prepared.value}@${jid}`;
  }
  if (resource !== undefined) {
    const prepared = prepareResource(resource);
    if (!prepared.ok) return prepared;
    jid = `${jid}/${prepared.value}`;
  }
  return { ok: true, jid };
}

function checkLength(part: string, text: string, value: string): PreparedPart {
  if (value === '') return refuse(part, text, 'is empty');
  return utf8Length(value) > partBytes ? refuse(part, text, 'is longer than 1023 bytes') : { ok: true, value };
}

function refuse(part: string, text: string, problem: string): { readonly ok: false; readonly problem: string } {
  const shown = text.length > 60 ? `${text.slice(0, 60)}...` : text;
  return { ok: false, problem: `the ${part} ${JSON.stringify(shown)} ${problem}` };
}

/** The domain of the server that a component belongs to: the component's own without its first label. */
export function serverDomain(domain: string): string {
  return domain.slice(domain.indexOf('.') + 1);
}
