import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fewSenders } from '../scene.ts';
import type { Variant } from './variant.ts';
import { silent } from './variant.ts';

const program = fileURLToPath(new URL('../programs/slixmpp_component.py', import.meta.url));
const python = '/usr/bin/python3';

/** A balancer over slixmpp (Debian's python3-slixmpp) as a user would write it. */
export const slixmpp: Variant = {
  name: 'slixmpp',
  title: 'slixmpp',
  distributes: true,
  joins: false,
  senders: fewSenders,
  missing: () =>
    slixmppVersion() === undefined ? 'slixmpp is not installed (Debian: apt install python3-slixmpp)' : undefined,
  prepare: ({ port, service }) =>
    Promise.resolve(silent(python, [program, String(port), service.domain, service.secret, ...service.workers])),
};

/** The installed version, or `undefined`. */
export function slixmppVersion(): string | undefined {
  const { status, stdout } = spawnSync(python, ['-c', 'import slixmpp; print(slixmpp.__version__)'], {
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}
