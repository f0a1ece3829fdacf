import { fileURLToPath } from 'node:url';
import { fewSenders } from '../scene.ts';
import type { Variant } from './variant.ts';
import { silent } from './variant.ts';

const program = fileURLToPath(new URL('../programs/relay.mjs', import.meta.url));

/** Writes back what it reads, unparsed: what Node, the loopback and the mock can carry at most. */
export const relay: Variant = {
  name: 'relay',
  title: 'raw relay (upper bound)',
  distributes: false,
  joins: false,
  senders: fewSenders,
  missing: () => undefined,
  prepare: ({ port, service }) =>
    Promise.resolve(silent(process.execPath, [program, String(port), service.domain, service.secret])),
};
