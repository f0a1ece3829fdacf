import type { Service } from './mock/protocol.ts';

const domain = 'pools.example';

/** Name of the only pool. */
export const poolName = 'jobs';

/** Home of the workers. */
export const workerHost = 'h.example';

/** Home of the senders. */
export const senderHost = 's.example';

/** Few enough for the caches that components keep of parsed JIDs. */
export const fewSenders = 100;
/** More than any cache holds, each of whom the router has to remember. */
export const manySenders = 100_000;

/** The service of every run: one pool, eight workers. */
export const service: Service = {
  domain,
  secret: 'bench-secret',
  pool: `${poolName}@${domain}`,
  senders: fewSenders,
  workers: Array.from({ length: 8 }, (_, index) => `w${index + 1}@${workerHost}/r`),
};
