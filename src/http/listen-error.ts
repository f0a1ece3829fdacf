/** Why the HTTP server does not listen. */
export type ListenProblem = 'invalid' | 'in-use' | 'forbidden' | 'no-such-address' | 'failed';

const advice: Readonly<Record<ListenProblem, string>> = {
  invalid: 'Write host:port, [IPv6]:port or unix:/absolute/path.',
  'in-use': 'Another process has it, perhaps another Switchyard. Stop that one, or set http.listen to another address.',
  forbidden:
    'The user of this process may not use it. Take a port above 1023, or a folder that exists and that it may write to.',
  'no-such-address': 'This machine has no such address. Set http.listen to one that it has, such as 127.0.0.1:8600.',
  failed: 'Set http.listen to another address.',
};

/** The HTTP server could not listen; the message says on what, why, and what to do. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  readonly problem: ListenProblem;

  constructor(problem: ListenProblem, listen: string, cause?: Error) {
    const why = cause === undefined ? 'this is no address to listen on' : cause.message;
    super(`Cannot listen for HTTP on ${listen}: ${why}. ${advice[problem]}`, { cause });
    this.problem = problem;
  }
}

/** The problem behind an error of `listen`. */
export function listenProblem(error: Error & { readonly code?: string }): ListenProblem {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'in-use';
    case 'EACCES':
    case 'EPERM':
      return 'forbidden';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return 'no-such-address';
    default:
      return 'failed';
  }
}
