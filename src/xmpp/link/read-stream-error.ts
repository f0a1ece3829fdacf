import type { XmlElement } from './library-stream.ts';
import type { LinkProblem } from './link-problem.ts';
import { type OwnSide, streamErrorProblem } from './stream-error-problem.ts';

/** The problem that a parsed `<stream:error/>` is (RFC 6120 section 4.9), or `undefined` for another element. */
export function readStreamError(element: XmlElement, own: OwnSide): LinkProblem | undefined {
  if (!element.is('error', 'http://etherx.jabber.org/streams')) return undefined;
  let condition = 'undefined-condition';
  let text = '';
  let found = false;
  for (const child of element.children) {
    if (typeof child === 'string') continue;
    if (child.is('text')) {
      text = child.getText();
    } else if (!found) {
      found = true;
      condition = child.getName();
      if (condition === 'see-other-host') text = child.getText();
    }
  }
  return streamErrorProblem(condition, text, own);
}
