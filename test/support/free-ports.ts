import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Below the range from which systems take the near end of connections. A port of that range may
 * become some client's between the moment that it was found free and the moment that it is used.
 */
const [lowest, highest] = [15_000, 32_000];

/** Listens on a port of 127.0.0.1 that only a listener could take away, and gives it. */
export async function listenOnFreePort(server: Server): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    try {
      // Rejects when 'error' comes first.
      const listening = once(server, 'listening');
      server.listen(port, '127.0.0.1');
      await listening;
      return port;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
    }
  }
}

/** Ports of 127.0.0.1 that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(servers.map(listenOnFreePort));
  await Promise.all(
    servers.map(async (server) => {
      server.close();
      await once(server, 'close');
    }),
  );
  return ports;
}
