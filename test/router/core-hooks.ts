import { digest } from '../../src/app/digest.ts';
import type { CommandEnd, ServiceDesk } from '../../src/core/commands/command.ts';
import { readElement } from '../../src/xmpp/codec/element-reader.ts';
import { readEvent } from '../../src/xmpp/codec/event-reader.ts';
import { payloadText } from '../../src/xmpp/codec/payload-text.ts';
import { capsVersion } from '../../src/xmpp/protocols/caps.ts';

const refused: Promise<CommandEnd> = Promise.resolve({ refused: 'store-failed' });

/** A desk that nobody has much to do at. */
export const quietDesk: ServiceDesk = {
  reload: () => Promise.resolve({ done: { changes: [] } }),
  stepDown: () => ({ done: {} }),
  shutdown: () => undefined,
  pools: {
    find: () => undefined,
    make: () => refused,
    change: () => refused,
    remove: () => refused,
  },
  status: () => ({
    started: 1_800_000_000_000,
    link: { up: true, since: 1_800_000_000_000 },
    store: { kind: 'memory', failed: false },
    instance: undefined,
    reasons: [],
    memory: { rss: 2, heap: 1 },
    loopDelay: 0,
    outcomes: [
      { outcome: 'forwarded', reason: '', pool: 'jobs', count: 5 },
      { outcome: 'bounced', reason: 'no-worker', pool: 'jobs', count: 2 },
      { outcome: 'bounced', reason: 'unreachable', pool: '', count: 1 },
    ],
  }),
};

/** What a core is given in the daemon, as far as a test does not count it. */
export const coreHooks = {
  random: () => 0.5,
  digest,
  payloadText,
  readElement,
  readEvent,
  capsVersion,
  desk: quietDesk,
};
