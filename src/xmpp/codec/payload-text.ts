import { ns } from './namespaces.ts';

/** Children that servers and pools add on the way, and the id by which the sender told it: no part of what it says. */
const transport: readonly RegExp[] = [
  new RegExp(`^<(?:origin-id|stanza-id)\\s[^>]*xmlns=(["'])${ns.stanzaIds}\\1`),
  new RegExp(`^<delay\\s[^>]*xmlns=(["'])${ns.delay}\\1`),
];

/**
 * What a message says, in a form that does not depend on how it came: the same message sent twice has the same.
 * Servers write the attributes of an element in any order (Prosody in another one after each restart, as Lua's
 * tables have it), and add ids (XEP-0359) and delays (XEP-0203) of their own.
 *
 * @param children The children of a message, well-formed, without comments.
 */
export function payloadText(children: string): string {
  let text = '';
  let kept = 0;
  let depth = 0;
  for (let at = children.indexOf('<'); at !== -1; at = children.indexOf('<', at)) {
    const next = children.charCodeAt(at + 1);
    if (next === slash) {
      depth -= 1;
      at = children.indexOf('>', at) + 1;
      continue;
    }
    if (next === exclamation) {
      at = children.indexOf(']]>', at) + 3;
      continue;
    }
    const end = tagEnd(children, at);
    const tag = children.slice(at, end);
    if (depth === 0 && transport.some((pattern) => pattern.test(tag))) {
      text += children.slice(kept, at);
      kept = at = elementEnd(children, at, end);
      continue;
    }
    const sorted = sortedTag(tag);
    if (sorted !== undefined) {
      text += children.slice(kept, at) + sorted;
      kept = end;
    }
    if (children.charCodeAt(end - 2) !== slash) depth += 1;
    at = end;
  }
  return kept === 0 ? children : text + children.slice(kept);
}

const slash = 47;
const exclamation = 33;

/** The offset after the `>` of the tag at `start`: one in a value of an attribute does not count. */
function tagEnd(text: string, start: number): number {
  let quote = 0;
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (quote !== 0) {
      if (code === quote) quote = 0;
    } else if (code === 62) return i + 1;
    else if (code === 34 || code === 39) quote = code;
  }
  return text.length;
}

/** The offset after the element whose open tag is `start` to `end`. */
function elementEnd(text: string, start: number, end: number): number {
  if (text.charCodeAt(end - 2) === slash) return end;
  const name = /^[^\s/>]+/.exec(text.slice(start + 1, end))?.[0] ?? '';
  // Nothing of its own name stands in one of these.
  const close = text.indexOf('>', text.indexOf(`</${name}`, end)) + 1;
  return close === 0 ? end : close;
}

/** A tag with its attributes in order; `undefined` when they are. */
function sortedTag(tag: string): string | undefined {
  // One attribute or none: the usual.
  if (tag.indexOf('=') === tag.lastIndexOf('=')) return undefined;
  const attributes = tag.match(/[^\s"'=<>/]+\s*=\s*(?:"[^"]*"|'[^']*')/g) ?? [];
  const name = /^<[^\s/>]+/.exec(tag)?.[0] ?? '';
  const sorted = `${[name, ...attributes.sort()].join(' ')}${tag.endsWith('/>') ? '/>' : '>'}`;
  return sorted === tag ? undefined : sorted;
}
