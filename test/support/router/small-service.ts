import { connectClient, type TestClient } from '../clients/xmpp-client.ts';
import type { ServerOptions, XmppServer } from '../servers/xmpp-server.ts';
import { prepareRouter, type RouterOptions, type RouterProcess } from './router-process.ts';

/** Where the pools of a small service are. */
export const domain = 'pools.localhost';

/** A server, a router on it that is ready, and two clients: `sensor@localhost/r`, who sends, and `worker@localhost/r`. */
export interface SmallService {
  readonly server: XmppServer;
  readonly router: RouterProcess;
  readonly sender: TestClient;
  readonly worker: TestClient;
  /** Ends all of it, and leaves nothing behind. */
  remove(): Promise<void>;
}

/** Starts a small service; what was begun is ended when one of them does not come up. */
export async function startSmallService(
  startServer: (options: ServerOptions) => Promise<XmppServer>,
  options: Pick<RouterOptions, 'pools' | 'config' | 'built'>,
): Promise<SmallService> {
  const server = await startServer({ accounts: { sensor: 'pw', worker: 'pw' }, components: { [domain]: 's3cret' } });
  const router = prepareRouter({ componentPort: server.componentPort, domain, secret: 's3cret', ...options });
  const clients: TestClient[] = [];
  const remove = async (): Promise<void> => {
    await Promise.all(clients.map((client) => client.end()));
    await router.remove();
    await server.remove();
  };
  const login = async (user: string): Promise<TestClient> => {
    const client = await connectClient({ port: server.c2sPort, user, password: 'pw', resource: 'r' });
    clients.push(client);
    return client;
  };
  try {
    await router.start();
    const [sender, worker] = await Promise.all([login('sensor'), login('worker')]);
    return { server, router, sender, worker, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
