import type { HttpOptions } from '../../../src/http/server.ts';

/** An HTTP server of a router that has nothing to say. What goes wrong in it fails the test. */
export const httpOptions: HttpOptions = {
  listen: '127.0.0.1:0',
  token: undefined,
  read: 'anyone',
  hosts: [],
  version: '1.2.3',
  console: '/nonexistent/console',
  readiness: () => [],
  metrics: () => Promise.resolve(''),
  metricsType: 'text/plain',
  onProblem: (error) => {
    throw error;
  },
  perform: () => ({ done: {} }),
};
