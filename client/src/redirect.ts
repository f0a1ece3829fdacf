import { bare, readAddress, sameAddress } from './address.ts';
import { type Element, xml } from './element.ts';
import { ns } from './namespaces.ts';

/** JEP-0051 section 2: no more than three redirects of one query, so four tries. */
export const redirectLimit = 3;

export interface RedirectRules {
  /** The query as it was first sent. */
  readonly original: Element;
  /** Full JID of the requester. */
  readonly requester: string;
  /** Every address that was asked so far, the first one first. */
  readonly asked: readonly string[];
  /** Domains that may be asked. */
  readonly domains: readonly string[];
}

/** The query to send next, or why none is sent. */
export type Verdict = { readonly query: Element; readonly to: string } | { readonly refused: string };

/** Whether an answer asks for another try elsewhere: code 302 (JEP-0051) or `<redirect/>` (RFC 6120). */
export function isRedirect(answer: Element): boolean {
  const error = answer.attrs['type'] === 'error' ? answer.getChild('error') : undefined;
  return error?.attrs['code'] === '302' || error?.getChild('redirect', ns.stanzaErrors) !== undefined;
}

/**
 * Checks a redirect by the rules of JEP-0051 section 2 (both are queries of type `get`, and the
 * redirected one keeps all attributes but `to`), and by ours: an allowed domain, never the requester
 * itself, nobody twice, at most three in a row.
 */
export function validateRedirect(answer: Element, rules: RedirectRules): Verdict {
  const { original, requester, asked } = rules;
  if (original.attrs['type'] !== 'get') return refused('only a request of type get may be redirected');
  if (asked.length > redirectLimit) return refused(`it would be redirect number ${redirectLimit + 1}`);
  const error = answer.getChild('error');
  const embedded = error?.getChildren('iq') ?? [];
  if (embedded.length > 1) return refused('it holds several queries');
  const [redirected] = embedded;
  const broken = redirected === undefined ? undefined : envelopeProblem(original, redirected, requester);
  if (broken !== undefined) return refused(broken);
  const named = error?.getChild('redirect', ns.stanzaErrors)?.getText().trim() ?? '';
  const to = redirected === undefined ? addressOfUri(named) : redirected.attrs['to'];
  if (to === undefined) return refused('it names no address');
  if (named !== '' && !sameAddress(addressOfUri(named) ?? '', to))
    return refused('its <redirect/> names another address');
  const unfit = targetProblem(to, rules);
  if (unfit !== undefined) return refused(unfit);
  const payload = (redirected ?? original).getChildElements()[0];
  return payload === undefined ? refused('its query is empty') : { query: build(original, to, payload), to };
}

/** Why this address is not asked, or `undefined`. */
function targetProblem(to: string, { requester, asked, domains }: RedirectRules): string | undefined {
  const target = readAddress(to);
  if (target === undefined) return 'it names no address';
  if (sameAddress(to, requester) || sameAddress(to, bare(requester))) return 'it leads to the requester itself';
  if (asked.some((address) => sameAddress(address, to))) return `${to} was asked before`;
  const allowed = domains.some((domain) => domain.toLowerCase() === target.domain.toLowerCase());
  return allowed ? undefined : `${target.domain} is not among the allowed domains`;
}

function refused(reason: string): Verdict {
  return { refused: reason };
}

/** Why the embedded query breaks the rules of JEP-0051, or `undefined`. */
function envelopeProblem(original: Element, redirected: Element, requester: string): string | undefined {
  const { attrs } = redirected;
  if (attrs['type'] !== 'get') return 'its query is not of type get';
  for (const [name, value] of Object.entries(original.attrs)) {
    if (name !== 'to' && name !== 'xmlns' && value !== undefined && attrs[name] !== value) {
      return `its query does not keep the attribute ${name}`;
    }
  }
  // The requester's server stamps `from`; who redirects may write it, but nobody else's.
  if (attrs['from'] !== undefined && !sameAddress(attrs['from'], requester)) return 'its query is from somebody else';
  const children = redirected.getChildElements();
  if (children.length !== 1) return 'its query has not exactly one child';
  return children.some(({ name }) => name.includes(':')) ? 'its query has a prefix whose meaning is lost' : undefined;
}

/** The original's envelope with another `to`; nothing else of the redirect gets in. */
function build(original: Element, to: string, payload: Element): Element {
  const namespace = payload.getNS();
  const attrs = { ...payload.attrs, ...(payload.attrs['xmlns'] === undefined ? { xmlns: namespace } : {}) };
  return xml('iq', { ...original.attrs, to }, xml(payload.name, attrs, ...payload.children));
}

/** The JID of an `xmpp:` URI (RFC 5122) without query and fragment. */
function addressOfUri(uri: string): string | undefined {
  const path = /^xmpp:(?!\/\/)([^?#]+)/i.exec(uri)?.[1];
  if (path === undefined) return undefined;
  try {
    const address = decodeURIComponent(path);
    return readAddress(address) === undefined ? undefined : address;
  } catch {
    return undefined;
  }
}
