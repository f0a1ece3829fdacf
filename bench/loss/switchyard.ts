import { Lab, type LabOptions, labServer } from '../../test/faults/lab/lab.ts';
import type { Manners } from '../../test/faults/lab/manners.ts';
import type { ServerOptions, XmppServer } from '../../test/support/servers/xmpp-server.ts';
import { type Scene, workTime } from './scene.ts';

/** Switchyard shares the messages of one pool between two workers. */
export async function openSwitchyard(
  startServer: (options: ServerOptions) => Promise<XmppServer>,
  options: Pick<LabOptions, 'guarantee' | 'insists'>,
): Promise<Scene> {
  const server = await startServer(labServer);
  const manners: Manners = { ack: 'processed', work: workTime };
  const lab = await Lab.open(server, {
    ...options,
    seed: 1,
    workers: { first: manners, second: manners },
    // One that is left has the work of both.
    delivery: { capacity: 1_000, ackTimeout: '30s' },
  });
  return {
    begin: (perSecond) => lab.generator.begin(perSecond),
    burst: (count) => lab.generator.burst(count),
    killInstance: () => lab.crew.kill('first'),
    startInstance: () => lab.crew.rehire(),
    async restartRouter() {
      await lab.router.kill9();
      await lab.startRouter();
    },
    async cutLink() {
      lab.wire.cut();
      await lab.whole();
    },
    settle: () => lab.settle(),
    events: () => lab.events(),
    async close() {
      await lab.close();
      await server.remove();
    },
  };
}
