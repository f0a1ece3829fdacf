import { freePorts } from './free-ports.ts';
import type { SteadySender } from './obedient-worker.ts';
import { makeRoad, type Road } from './road.ts';
import type { XmppServer } from './servers/xmpp-server.ts';

/** The way from an instance to its server, on which all that the server says is overheard. */
export interface Overheard extends Pick<XmppServer, 'componentPort'> {
  /** All that the server has written so far. */
  readonly words: string;
  close(): Promise<void>;
}

export async function overhear(server: Pick<XmppServer, 'componentPort'>): Promise<Overheard> {
  const [port = 0] = await freePorts(1);
  const heard: Buffer[] = [];
  const to = { address: '127.0.0.1', port: server.componentPort };
  const road: Road = await makeRoad(port, to, (chunk) => heard.push(chunk));
  return {
    componentPort: port,
    get words() {
      return Buffer.concat(heard).toString();
    },
    close: () => road.cut(),
  };
}

/**
 * Messages of which nobody heard although a router was given them, and their answers too. What ejabberd has for a
 * component while it closes the stream that the component has ended is never written (docs/standby.md): no router can
 * answer that.
 */
export function lostByUs(steady: SteadySender, ways: readonly Overheard[]): readonly string[] {
  const words = ways.map((way) => way.words).join('');
  const wrote = (id: string): boolean => words.includes(`id='${id}'`) || words.includes(`id="${id}"`);
  return steady.lost.filter((id) => wrote(id) && wrote(`r-${id}`));
}
