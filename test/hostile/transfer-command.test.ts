import { deepEqual, equal, match } from 'node:assert/strict';
import { freePorts } from '../support/free-ports.ts';
import { SwitchyardFolder } from './switchyard-command.ts';

const token = 'a-token-for-the-tests';

describe('switchyard transfer, where it cannot work', () => {
  let folder: SwitchyardFolder;

  beforeEach(() => {
    folder = new SwitchyardFolder();
  });
  afterEach(() => {
    folder.remove();
  });

  for (const [what, http, advice] of [
    ['has no listener', {}, /no HTTP listener.*Set http\.listen/],
    ['has any free port', { listen: '127.0.0.1:0', token }, /port 0/],
    ['has no token', { listen: '127.0.0.1:8600' }, /Set http\.token or http\.tokenFile/],
  ] as const) {
    it(`says what to do when the configuration ${what}`, async () => {
      folder.configure(1, { http });
      const { code, output, errors } = await folder.run('transfer maintenance', '--all');
      deepEqual([code, output], [2, '']);
      match(errors, advice);
    });
  }

  it('says so when no router runs', async () => {
    const [port] = await freePorts(1);
    folder.configure(1, { http: { listen: `127.0.0.1:${port}`, token } });
    const { code, errors } = await folder.run('transfer maintenance', '--all');
    equal(code, 1);
    match(errors, /Cannot reach the router at 127\.0\.0\.1:\d+: .*ECONNREFUSED.*Does it run\?/);
  });

  it('knows what a command needs', async () => {
    folder.configure(1);
    const { code, errors } = await folder.run('transfer rebalance', '--from', 'a', '--to', 'b');
    equal(code, 2);
    match(errors, /required option '--percent <percent>' not specified/);
  });
});
