import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way between two servers that can be closed: what goes over it, and who wants to, is told by a broken connection. */
export interface Road {
  /** Of 127.0.0.1; the same for as long as the road is there. */
  readonly port: number;
  /** Breaks every connection and refuses new ones. */
  cut(): Promise<void>;
  /** Lets connections through again. */
  mend(): Promise<void>;
}

/**
 * Makes a road from `port` of 127.0.0.1 to `to`, open for traffic.
 * @param ear Gets a copy of what comes from the far end.
 */
export async function makeRoad(
  port: number,
  to: { readonly address: string; readonly port: number },
  ear?: (chunk: Buffer) => void,
): Promise<Road> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(to.port, to.address);
    if (ear !== undefined) far.on('data', ear);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.pipe(other);
      // A reset is an end like any other here; 'close' follows.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
    }
  });
  const mend = async (): Promise<void> => {
    const listening = once(server, 'listening');
    server.listen(port, '127.0.0.1');
    await listening;
  };
  await mend();
  return {
    port,
    mend,
    async cut() {
      if (!server.listening) return;
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
