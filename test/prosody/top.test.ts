import { equal, ok } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { xml } from '@xmpp/client';
import { connectClient } from '../support/clients/xmpp-client.ts';
import { freePorts } from '../support/free-ports.ts';
import { program, programEnvironment } from '../support/router/program.ts';
import { prepareRouter, type RouterProcess } from '../support/router/router-process.ts';
import { prosodyMissing, startProsody } from '../support/servers/prosody.ts';
import type { XmppServer } from '../support/servers/xmpp-server.ts';
import { skip } from '../support/skip.ts';

const domain = 'pools.localhost';

/** A terminal of Python's, 100 x 12, whose keys and screen are its standard input and output. */
const pseudoTerminal = `
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 12, 100, 0, 0))
pty._copy(terminal)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`;

describe('switchyard top, in a terminal beside a router on Prosody', function () {
  this.timeout(90_000);
  let server: XmppServer;
  let router: RouterProcess;

  before(async function () {
    const reason = prosodyMissing();
    if (reason !== undefined) skip(this, reason);
    const [port = 0] = await freePorts(1);
    server = await startProsody({ accounts: { worker: 'pw' }, components: { [domain]: 's3cret' } });
    router = prepareRouter({
      componentPort: server.componentPort,
      domain,
      secret: 's3cret',
      pools: { jobs: { workers: ['worker@localhost'] } },
      config: { http: { listen: `127.0.0.1:${port}`, token: 'a-token-for-the-tests' } },
    });
    await router.start();
  });
  after(async () => {
    await router?.remove();
    await server?.remove();
  });

  it('shows what happens, obeys keys, outlives the router, and leaves the terminal as it was', async () => {
    const command = ['-c', pseudoTerminal, process.execPath, ...program, 'top'];
    const child = spawn('python3', command, {
      cwd: router.folder,
      env: programEnvironment(),
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let screen = '';
    child.stdout.on('data', (chunk: Buffer) => {
      screen += chunk.toString();
    });
    const shows = async (text: RegExp): Promise<void> => {
      while (!text.test(screen)) await sleep(20);
      screen = '';
    };
    await shows(/jobs .* 0\/0 .* no worker[\s\S]*sorted by pool/);
    const worker = await connectClient({ port: server.c2sPort, user: 'worker', password: 'pw', resource: 'a' });
    await worker.send(xml('presence', { to: `jobs@${domain}` }));
    await shows(/jobs .* 1\/1 .* ok/);
    child.stdin.write('d');
    await shows(/sorted by depth/);
    await router.kill9();
    await shows(/Cannot reach the router: .* Trying again/);
    await router.start();
    await shows(/jobs .* 1\/1 .* ok/);
    await worker.end();
    child.stdin.write('q');
    const [code] = (await once(child, 'close')) as [number];
    equal(code, 0);
    ok(screen.endsWith('\u001b[?25h\u001b[?1049l'), JSON.stringify(screen.slice(-100)));
  });
});
