import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { readEvents } from '../../test/faults/lab/events.ts';
import { Generator } from '../../test/faults/lab/generator.ts';
import { senderUsers } from '../../test/faults/lab/lab.ts';
import { Wire } from '../../test/faults/lab/wire.ts';
import { startEjabberd } from '../../test/support/servers/ejabberd.ts';
import { type Scene, untilQuiet, workTime } from './scene.ts';

const domain = 'balanced.localhost';
const secret = 's3cret';
const program = fileURLToPath(new URL('./naive-component.mjs', import.meta.url));
const startLimit = 60_000;

/** ejabberd shares the messages to one domain between two components that do the work themselves. */
export async function openBalanced(type: 'random' | 'bare_source'): Promise<Scene> {
  const server = await startEjabberd({
    accounts: Object.fromEntries(senderUsers.map((user) => [user, 'pw'])),
    components: { [domain]: secret },
    balancing: { domain, type, components: 2 },
  });
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-loss-'));
  const wires = [new Wire(server.componentPort), new Wire(server.componentPort)];
  const components = new Map<string, ChildProcess>();
  const generator = new Generator(senderUsers, {
    port: server.c2sPort,
    pool: `jobs@${domain}`,
    folder,
    style: 'plain',
    poisonEvery: 0,
  });

  async function start(name: string, wire: Wire): Promise<void> {
    const [least, most] = workTime;
    const child = spawn(
      process.execPath,
      ['--import=tsx', program, String(wire.port), domain, secret, name, folder, String(least), String(most)],
      { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] },
    );
    components.set(name, child);
    await once(child, 'message', { signal: AbortSignal.timeout(startLimit) });
  }

  async function kill(name: string): Promise<void> {
    const child = components.get(name);
    components.delete(name);
    if (child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  const [first, second] = wires;
  if (first === undefined || second === undefined) throw new Error('there are two');
  for (const wire of wires) await wire.start();
  await start('first', first);
  await start('second', second);
  await generator.start();
  const events = () => readEvents(folder);
  return {
    begin: (perSecond) => generator.begin(perSecond),
    burst: (count) => generator.burst(count),
    killInstance: () => kill('first'),
    startInstance: () => start('first', first),
    restartRouter: undefined,
    async cutLink() {
      const back = once(components.get('first') ?? process, 'message', { signal: AbortSignal.timeout(startLimit) });
      first.cut();
      await back;
    },
    async settle() {
      await generator.end();
      await untilQuiet(events, () => sleep(1_000));
    },
    events,
    async close() {
      await generator.close();
      for (const name of components.keys()) await kill(name);
      for (const wire of wires) await wire.close();
      await server.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
