import type { Config } from '../../config/config.ts';
import type { Need } from '../../http/access.ts';
import type { ApiTarget } from '../../http/client.ts';
import type { ListenAddress } from '../../http/listen-address.ts';

/** Where the router of this configuration takes commands, or why it takes none from who needs this. */
export function apiTargetOf({ http }: Config, need: Need): ApiTarget | { readonly problem: string } {
  const { listen, token, read } = http;
  if (listen === undefined) {
    return {
      problem:
        'This configuration has no HTTP listener to give commands to. Set http.listen, to unix:/path or to 127.0.0.1:8600 with http.token, and restart the router.',
    };
  }
  const address = addressOf(listen);
  if (address.kind === 'unix') return { address, token: undefined };
  if (address.port === 0) {
    return { problem: 'http.listen has port 0: nobody knows which the router got. Write a port, or unix:/path.' };
  }
  if (token === undefined && (need === 'all' || read === 'token')) {
    return {
      problem:
        'Over TCP the router takes commands only with a token. Set http.token or http.tokenFile, and restart it.',
    };
  }
  return { address, token };
}

/** Where to find what listens there, from this machine. */
export function addressOf(listen: NonNullable<Config['http']['listen']>): ListenAddress {
  if ('path' in listen) return { kind: 'unix', path: listen.path };
  const everywhere = listen.host === '0.0.0.0' || listen.host === '::';
  return { kind: 'tcp', host: everywhere ? 'localhost' : listen.host, port: listen.port };
}
