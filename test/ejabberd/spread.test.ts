import { ejabberdMissing, startEjabberd } from '../support/servers/ejabberd.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import { opensslMissing } from '../support/servers/s2s.ts';
import { TwoServers } from '../support/servers/two-servers.ts';
import { components, describeSpread } from '../support/suites/spread.ts';

const accounts = { sensor: 'pw', worker: 'pw' };

describeSpread('a pool that spreads over three components of ejabberd', ejabberdMissing, async () => {
  const front = 'front.localhost';
  const behind = ['p1.localhost', 'p2.localhost'] as const;
  const server = await startEjabberd({ accounts, components: components(front, ...behind), componentsApart: true });
  return { near: server, far: server, front, behind, remove: () => server.remove() };
});

describeSpread(
  'a pool at Prosody that spreads over two at ejabberd, by server-to-server links',
  () => ejabberdMissing() ?? prosodyMissing() ?? opensslMissing(),
  async () => {
    const front = 'front.near.example';
    const behind = ['p1.far.example', 'p2.far.example'] as const;
    const servers = await TwoServers.start(
      { start: startProsody, user: 'prosody', domain: 'near.example', accounts, components: components(front) },
      {
        start: startEjabberd,
        user: 'ejabberd',
        domain: 'far.example',
        accounts,
        components: components(...behind),
        componentsApart: true,
      },
    );
    return { near: servers.near, far: servers.far, front, behind, remove: () => servers.remove() };
  },
);
