import type { ServerOptions } from '../../test/support/servers/xmpp-server.ts';

export const password = 'pw';
export const secret = 'bench-secret';
export const senderUsers: readonly string[] = Array.from({ length: 4 }, (_, index) => `s${index}`);
export const workerUsers: readonly string[] = Array.from({ length: 8 }, (_, index) => `w${index}`);

/** What the senders send. */
export interface Kind {
  /** For the tables. */
  readonly title: string;
  /** The message `id` to `to`, some 300 bytes of it. */
  readonly write: (to: string, id: string) => string;
  readonly ways: readonly Way[];
}

const messageLength = 300;

function filled(head: string, tail: string): string {
  return `${head}${'x'.repeat(Math.max(1, messageLength - head.length - tail.length))}${tail}`;
}

export type WayName = 'direct' | 'router' | 'naive' | 'annotating';

/** One way of messages from senders to workers. */
export interface Way {
  readonly name: WayName;
  /** For the tables. */
  readonly title: string;
  /** Domain of its component; the direct way has none. Each has its own, so that no old connection is in the way. */
  readonly domain: string | undefined;
}

/** In the order of every round. */
export const ways: readonly Way[] = [
  { name: 'direct', title: 'client to client', domain: undefined },
  { name: 'router', title: 'Switchyard', domain: 'pools.localhost' },
  { name: 'naive', title: 'naive @xmpp/component', domain: 'naive.localhost' },
  { name: 'annotating', title: 'naive, with the same additions', domain: 'annotating.localhost' },
];

/** Switchyard adds an element to the first kind and nothing to the second, save a `<hop/>` to one in about 64 of either. */
export const kinds: readonly Kind[] = [
  {
    title: 'chat messages with a body',
    write: (to, id) => filled(`<message to='${to}' type='chat' id='${id}'><body>`, '</body></message>'),
    ways,
  },
  {
    title: 'messages of machines',
    write: (to, id) =>
      filled(
        `<message to='${to}' type='normal' id='${id}'><reading xmlns='urn:example:sensor'>`,
        '</reading></message>',
      ),
    ways: ways.filter(({ name }) => name !== 'annotating'),
  },
];

/** What every server of the bench is given. */
export const serverOptions: ServerOptions = {
  accounts: Object.fromEntries([...senderUsers, ...workerUsers].map((user) => [user, password])),
  components: Object.fromEntries(ways.flatMap(({ domain }) => (domain === undefined ? [] : [[domain, secret]]))),
};
