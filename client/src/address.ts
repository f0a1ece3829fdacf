/** The parts of a JID (RFC 7622), as written. */
export interface Address {
  readonly local: string | undefined;
  readonly domain: string;
  readonly resource: string | undefined;
}

const partLimit = 1023;
/** Never part of a local or a domain: RFC 7622 section 3.3.1, spaces, controls. */
const notInLocal = /["&'/:<>@\s\p{Cc}]/u;
const notInDomain = /["&'/<>@\s\p{Cc}]/u;

/** Reads a JID; `undefined` for what is none. Servers prepare and check it further. */
export function readAddress(text: string): Address | undefined {
  const slash = text.indexOf('/');
  const bare = slash < 0 ? text : text.slice(0, slash);
  const resource = slash < 0 ? undefined : text.slice(slash + 1);
  const at = bare.indexOf('@');
  const local = at < 0 ? undefined : bare.slice(0, at);
  const domain = bare.slice(at + 1);
  if (domain === '' || notInDomain.test(domain)) return undefined;
  if (local !== undefined && (local === '' || notInLocal.test(local))) return undefined;
  if (resource !== undefined && (resource === '' || /\p{Cc}/u.test(resource))) return undefined;
  return [local, domain, resource].every((part) => Buffer.byteLength(part ?? '') <= partLimit)
    ? { local, domain, resource }
    : undefined;
}

/** Reads a JID that somebody wrote into the program or its configuration. */
export function requireAddress(text: string, what: string): Address {
  const address = readAddress(text);
  if (address === undefined) throw new TypeError(`${what}: ${JSON.stringify(text)} is not an XMPP address`);
  return address;
}

/** The bare JID in the form for comparison, as servers write it. */
export function bareOf({ local, domain }: Address): string {
  return `${local === undefined ? '' : `${local}@`}${domain}`.normalize('NFC').toLowerCase();
}

/** A JID in the form for comparison; the resource counts as written. */
export function canonical(address: Address): string {
  return address.resource === undefined ? bareOf(address) : `${bareOf(address)}/${address.resource}`;
}

/** Whether two JIDs name the same entity; `false` when one is none. */
export function sameAddress(one: string, other: string): boolean {
  const [a, b] = [readAddress(one), readAddress(other)];
  return a !== undefined && b !== undefined && canonical(a) === canonical(b);
}

/** The bare JID of a JID, in the form for comparison; the text itself when it is none. */
export function bare(text: string): string {
  const address = readAddress(text);
  return address === undefined ? text : bareOf(address);
}

/**
 * Whether an address belongs to a pool: a sender or a worker seen through it. In pools with
 * `proxy: localpart` senders are `jobs+key@service`.
 */
export function isOfPool(text: string | undefined, pool: Address): boolean {
  const address = readAddress(text ?? '');
  if (address === undefined || pool.local === undefined) return false;
  const of = bareOf(address);
  if (of === bareOf(pool)) return true;
  return (
    bareOf({ ...address, local: undefined }) === pool.domain.toLowerCase() &&
    of.startsWith(`${pool.local.toLowerCase()}+`)
  );
}
