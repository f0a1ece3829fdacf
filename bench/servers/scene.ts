import type { ServerOptions } from '../../test/support/xmpp-server.ts';

export const password = 'pw';
export const secret = 'bench-secret';
export const senderUsers: readonly string[] = Array.from({ length: 4 }, (_, index) => `s${index}`);
export const workerUsers: readonly string[] = Array.from({ length: 8 }, (_, index) => `w${index}`);

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

/** What every server of the bench is given. */
export const serverOptions: ServerOptions = {
  accounts: Object.fromEntries([...senderUsers, ...workerUsers].map((user) => [user, password])),
  components: Object.fromEntries(ways.flatMap(({ domain }) => (domain === undefined ? [] : [[domain, secret]]))),
};
