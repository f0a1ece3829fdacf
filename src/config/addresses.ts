import { prepareDomain, prepareJid, prepareLocal } from '../core/address/jid.ts';
import { parsePattern } from '../core/pool/rules/access.ts';
import { complaint, type Reading } from './leaves.ts';

/** Reads an access pattern (design: Access) into its prepared form. */
export function readPattern(text: string): Reading<string> {
  const parsed = parsePattern(text);
  if (parsed.ok) return { value: parsed.pattern };
  // The parser ends its problem with the forms there are; those are the advice.
  const cut = parsed.problem.lastIndexOf('; write ');
  const problem = cut < 0 ? parsed.problem : parsed.problem.slice(0, cut);
  const advice = cut < 0 ? 'user@host, *@host, host or *' : parsed.problem.slice(cut + '; write '.length);
  return { complaint: complaint(`This is no access pattern: ${problem}.`, `Write ${advice}.`) };
}

/** Reads the name of a pool, the localpart of its address, into its prepared form (RFC 7622 section 3.3). */
export function readPoolName(text: string): Reading<string> {
  const prepared = prepareLocal(text);
  const advice = 'Write a name of letters, digits, hyphens, dots or underscores, such as "jobs".';
  if (!prepared.ok) return { complaint: complaint(`A pool cannot have this name: ${prepared.problem}.`, advice) };
  if (prepared.value.includes('+')) {
    return { complaint: complaint('A pool cannot have this name: it holds a +.', advice) };
  }
  return { value: prepared.value };
}

/** Reads a JID into its prepared form (RFC 7622). */
export function readJid(text: string): Reading<string> {
  const prepared = prepareJid(text);
  return prepared.ok
    ? { value: prepared.jid }
    : { complaint: complaint(`This is no address: ${prepared.problem}.`, 'Write host or user@host.') };
}

/** Reads the component's domain into its prepared form (RFC 7622 section 3.2). */
export function readDomain(text: string): Reading<string> {
  const alone = 'Write a domain name alone, such as "pools.example.org".';
  if (text.includes('/')) return { complaint: complaint('A component has no resource.', alone) };
  if (text.includes('@')) return { complaint: complaint('A component has no localpart.', alone) };
  if (text.startsWith('[') || /^\d+(?:\.\d+){3}$/.test(text)) {
    return { complaint: complaint('A component cannot own an IP address.', alone) };
  }
  const prepared = prepareDomain(text);
  return prepared.ok ? prepared : { complaint: complaint(`This is no domain name: ${prepared.problem}.`, alone) };
}

/** The prepared form of a text that was read before, or the text itself. */
export function preparedOr(read: (text: string) => Reading<string>, text: string): string {
  const result = read(text);
  return 'value' in result ? result.value : text;
}
