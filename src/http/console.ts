import type { IncomingMessage } from 'node:http';
import type { ConsoleFile, ConsoleFiles, FileForm } from './console-files.ts';
import { failure, type Reply } from './reply.ts';

const root = '/console/';

/** The page may load what is beside it and talk to us, and nothing else; and nobody may frame it. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Whether this path is one of the console. */
export function isConsolePath(path: string): boolean {
  return path === '/' || path === '/console' || path.startsWith(root);
}

/** Answers a request for a file of the console. */
export function answerConsole(files: ConsoleFiles | undefined, request: IncomingMessage, path: string): Reply {
  // Relative, so that it is right behind a proxy too that puts us into a folder.
  if (!path.startsWith(root)) return { status: 302, type: 'text/plain', body: '', headers: { location: 'console/' } };
  if (files === undefined) return failure('not-built');
  const file = files.get(path.slice(root.length) || 'index.html');
  return send(file, request.headers);
}

function send(file: ConsoleFile | undefined, asked: IncomingMessage['headers']): Reply {
  const form = file?.forms.find(({ coding }) => coding === undefined || accepts(asked['accept-encoding'], coding));
  if (file === undefined || form === undefined) return failure('not-found');
  const headers = {
    etag: form.etag,
    vary: 'accept-encoding',
    'cache-control': file.forGood ? 'public, max-age=31536000, immutable' : 'no-cache',
    'content-security-policy': policy,
    'cross-origin-opener-policy': 'same-origin',
  };
  if (isKnown(asked['if-none-match'], form)) return { status: 304, type: file.type, body: '', headers };
  const packing = form.coding === undefined ? undefined : { 'content-encoding': form.coding };
  return { status: 200, type: file.type, body: form.body, headers: { ...headers, ...packing } };
}

/** Whether `Accept-Encoding` names a coding, and not with `q=0` (RFC 9110 section 12.5.3). */
function accepts(header: string | string[] | undefined, coding: string): boolean {
  const named = String(header ?? '')
    .toLowerCase()
    .split(',')
    .map((each) => each.split(';').map((part) => part.trim()));
  const [name, ...parameters] = named.find(([each]) => each === coding) ?? [];
  return name !== undefined && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
}

/** Whether `If-None-Match` names what would be sent (RFC 9110 section 13.1.2). */
function isKnown(header: string | undefined, { etag }: FileForm): boolean {
  const tags = (header ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes(etag) || tags.includes('*');
}
