import { z } from 'zod';
import { complaint, type Reading, reading, section, wrongType } from '../leaves.ts';

const example = '"mailto:admin@example.org"';

/** Reads a URI (RFC 3986); XEP-0157 asks for nothing less. */
function readUri(text: string): Reading<string> {
  if (/^[a-z][a-z0-9+.-]*:\S+$/i.test(text) && URL.canParse(text)) return { value: text };
  const advice = text.includes('@') ? `Write "mailto:${text}" or "xmpp:${text}".` : `Write a URI, such as ${example}.`;
  return { complaint: complaint('This is no URI.', advice) };
}

/** The addresses of one kind. */
function addresses(description: string) {
  const uri = reading({ kind: 'a URI', example, description: 'A URI.' }, readUri);
  return z
    .array(uri, { error: wrongType('a list of URIs', `[${example}]`) })
    .prefault([])
    .meta({ description });
}

/** Contact addresses (XEP-0157), by kind as its registry names them. */
export const contacts = section(
  {
    abuse: addresses('For complaints about abuse.'),
    admin: addresses('For the administrators.'),
    feedback: addresses('For praise and blame.'),
    sales: addresses('For customers.'),
    security: addresses('For reports of security problems.'),
    status: addresses('Where the state of the service is published.'),
    support: addresses('For help.'),
  },
  {
    example: `{ "admin": [${example}] }`,
    description: 'Where the operator can be reached; service discovery shows it (XEP-0157). Each is a list of URIs.',
  },
);
