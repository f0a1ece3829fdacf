import { fileURLToPath } from 'node:url';
import { fewSenders } from '../scene.ts';
import type { Variant } from './variant.ts';
import { silent } from './variant.ts';

const program = fileURLToPath(new URL('../programs/naive.mjs', import.meta.url));

/** A balancer over @xmpp/component as a user would write it. */
export const naive: Variant = {
  name: 'naive',
  title: 'naive @xmpp/component',
  distributes: true,
  joins: false,
  senders: fewSenders,
  missing: () => undefined,
  prepare: ({ port, service }) =>
    Promise.resolve(
      silent(process.execPath, [program, String(port), service.domain, service.secret, ...service.workers]),
    ),
};
