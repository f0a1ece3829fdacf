import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { components, describeSpread } from '../support/suites/spread.ts';

const front = 'front.localhost';
const behind = ['p1.localhost', 'p2.localhost'] as const;

describeSpread('a pool that spreads over three components of Prosody', prosodyMissing, async () => {
  const server = await startProsody({
    accounts: { sensor: 'pw', worker: 'pw' },
    components: components(front, ...behind),
  });
  return { near: server, far: server, front, behind, remove: () => server.remove() };
});
