import { checkServerIdentity, connect, type TLSSocket } from 'node:tls';
import type { Target } from './route.ts';

/**
 * A socket on its way to `secureConnect`: to a server that has shown a certificate for one of
 * `names`, from an authority that Node.js trusts (`NODE_EXTRA_CA_CERTS` adds some). Else `error` comes.
 */
export function secureSocket({ host, port }: Pick<Target, 'host' | 'port'>, names: readonly string[]): TLSSocket {
  const [name = ''] = names;
  return connect({
    host,
    port,
    servername: name,
    checkServerIdentity: (_, certificate) => {
      const known = names.some((each) => checkServerIdentity(each, certificate) === undefined);
      return known ? undefined : checkServerIdentity(name, certificate);
    },
  });
}
