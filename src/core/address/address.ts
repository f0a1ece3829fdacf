import { isPlausibleJid } from './jid.ts';

/**
 * What an address of the service means (design.md, Addresses). After the slash the first
 * character decides: `~` a worker seen through the pool, `!` an alias of a sender, anything else
 * a sender's own JID. `pool+key@domain` is the alias `key` too, in the form that people's clients
 * keep apart: many group what they show by bare JID.
 */
export type Address =
  | { readonly kind: 'service' }
  | { readonly kind: 'service-resource' }
  | { readonly kind: 'pool'; readonly pool: string }
  | { readonly kind: 'label'; readonly pool: string; readonly label: string }
  | { readonly kind: 'alias'; readonly pool: string; readonly key: string }
  /** `target` is the sender's JID as it was written. */
  | { readonly kind: 'proxy'; readonly pool: string; readonly target: string }
  /** Not of our domain. */
  | { readonly kind: 'foreign' };

/** An address of our own domain. */
export type OwnAddress = Exclude<Address, { kind: 'foreign' }>;

const service: Address = { kind: 'service' };
const serviceResource: Address = { kind: 'service-resource' };
const foreign: Address = { kind: 'foreign' };

const labelLength = 32;
const labelForm = /^[A-Za-z0-9._-]{1,32}$/;
/** 128 bits in base32; what is shorter is read, and found nowhere. */
const aliasForm = /^[a-z2-7]{1,26}$/;
const printableAscii = /^[\x20-\x7e]+$/;
/** Longest resourcepart (RFC 7622 section 3.4), which in ASCII is as many characters. */
const resourceLength = 1023;

/**
 * Reads `to`, an address that the server prepared, against our `domain`. `undefined` when it
 * is of our domain but can be no address here: an empty part, a label or an alias of a wrong
 * form, a proxy of something that is no JID.
 */
export function parseAddress(to: string, domain: string): Address | undefined {
  const slash = to.indexOf('/');
  const end = slash < 0 ? to.length : slash;
  const at = to.indexOf('@');
  const start = at < 0 || at > end ? 0 : at + 1;
  if (end - start !== domain.length || !to.startsWith(domain, start)) return foreign;
  if (slash === to.length - 1 || start === 1) return undefined;
  if (start === 0) return slash < 0 ? service : serviceResource;
  const pool = to.slice(0, start - 1);
  const plus = pool.indexOf('+');
  // No pool has a + in its name.
  if (plus >= 0) return slash < 0 ? parseLocalpart(pool.slice(0, plus), pool.slice(plus + 1)) : undefined;
  return slash < 0 ? { kind: 'pool', pool } : parseResource(pool, to.slice(slash + 1));
}

function parseLocalpart(pool: string, key: string): Address | undefined {
  return pool !== '' && aliasForm.test(key) ? { kind: 'alias', pool, key } : undefined;
}

function parseResource(pool: string, resource: string): Address | undefined {
  const rest = resource.slice(1);
  switch (resource.charAt(0)) {
    case '~':
      return labelForm.test(rest) ? { kind: 'label', pool, label: rest } : undefined;
    case '!':
      return aliasForm.test(rest) ? { kind: 'alias', pool, key: rest } : undefined;
    default:
      return isReadable(resource) ? { kind: 'proxy', pool, target: resource } : undefined;
  }
}

/** Whether a sender's JID can be the resource of a proxy; servers rewrite other resources. */
function isReadable(jid: string): boolean {
  const first = jid.charAt(0);
  return (
    jid.length <= resourceLength && first !== '~' && first !== '!' && printableAscii.test(jid) && isPlausibleJid(jid)
  );
}

/**
 * The pool's proxy for `sender`: workers get its messages from there and answer to it.
 * `undefined` when the sender's JID is not printable ASCII, is over 1023 bytes, or begins with
 * `~` or `!`.
 */
export function proxyFor(pool: string, domain: string, sender: string): string | undefined {
  return isReadable(sender) ? `${pool}@${domain}/${sender}` : undefined;
}

/** Where the address of an alias carries its key: `pool@domain/!key` or `pool+key@domain`. */
export type ProxyPlace = 'resource' | 'localpart';

/** The address of the alias `key` of a sender. */
export function aliasAddress(pool: string, domain: string, key: string, place: ProxyPlace): string {
  return place === 'localpart' ? `${pool}+${key}@${domain}` : `${pool}@${domain}/!${key}`;
}

/** The address of the worker `label`, seen through its pool. */
export function labelAddress(pool: string, domain: string, label: string): string {
  return `${pool}@${domain}/~${label}`;
}

/**
 * A free label made from what a worker wishes: other characters than `[A-Za-z0-9._-]` become
 * `-`, at most 32 remain, and a number (`-2`, `-3`, ...) makes it unique.
 */
export function makeLabel(wanted: string, taken: (label: string) => boolean): string {
  const base = wanted.replace(/[^A-Za-z0-9._-]/gu, '-').slice(0, labelLength) || 'worker';
  if (!taken(base)) return base;
  const numbered = (n: number) => `${base.slice(0, labelLength - 1 - String(n).length)}-${n}`;
  // Doubles, then halves: ten thousand workers of one name must not ask ten thousand times each.
  let free = 2;
  while (taken(numbered(free))) free *= 2;
  let used = Math.floor(free / 2);
  while (free - used > 1) {
    const middle = Math.floor((free + used) / 2);
    if (taken(numbered(middle))) used = middle;
    else free = middle;
  }
  return numbered(free);
}
