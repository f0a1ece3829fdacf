/** What the HTTP server itself refuses: what became of a command stands in the table of errors of the core. */
export interface FailureRow {
  readonly status: number;
  /** For people, in English: what is wrong, and what to do. An answer may say it more closely. */
  readonly text: string;
}

export const failures = {
  malformed: { status: 400, text: 'The body is no JSON object.' },
  pipelined: { status: 400, text: 'A stream wants a connection of its own.' },
  unauthorized: { status: 401, text: 'This needs the token: Authorization: Bearer ...' },
  'not-configured': {
    status: 403,
    text: 'Over TCP this needs a token, and none is set. Set http.token or http.tokenFile, or let http.listen be unix:/path, and restart.',
  },
  'origin-foreign': {
    status: 403,
    text: 'A page of another origin asks. If it is yours, add its host to http.hosts, and restart.',
  },
  'not-found': { status: 404, text: 'There is nothing at this path.' },
  'not-built': {
    status: 404,
    text: 'This build has no console. Make it with npm run build, and restart the router.',
  },
  'method-not-allowed': { status: 405, text: 'This can only be read.' },
  'body-not-allowed': { status: 413, text: 'A request here has no body.' },
  'body-too-large': { status: 413, text: 'A body has at most 65536 bytes.' },
  'not-json': { status: 415, text: 'Send the body as content-type: application/json.' },
  'host-unknown': { status: 421, text: 'This is no name of this server. Add it to http.hosts, and restart.' },
  'too-many-streams': { status: 429, text: 'There are as many streams as may be. Close a page that watches.' },
  internal: { status: 500, text: 'The server could not make this page.' },
} as const satisfies Record<string, FailureRow>;

export type FailureCode = keyof typeof failures;
