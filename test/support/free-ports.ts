import { once } from 'node:events';
import { createServer, type Server } from 'node:net';

/**
 * Below the range from which systems take the near end of connections. A port of that range may
 * become some client's between the moment that it was found free and the moment that it is used.
 * Groups of tests that run at the same time have a part of it each (scripts/test.mjs).
 */
const [lowest = 0, highest = 0] = (process.env['TEST_PORTS'] ?? '15000-31999').split('-').map(Number);

/** Listens on a port of 127.0.0.1 that only a listener could take away, and gives it. */
export async function listenOnFreePort(server: Server): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest + 1));
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
