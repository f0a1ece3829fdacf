// `npm run test:faults`: every scenario of the fault suite, on both servers, with several seeds.
//
//   npm run test:faults                          three seeds of all
//   npm run test:faults -- --seed 4711           the same numbers once more: one round, with this seed
//   npm run test:faults -- --rounds 10 --server prosody --scenario 'the link'
//   npm run test:faults -- --store postgres      what is stored in a PostgreSQL, and routers that share one; or sqlite
import { env, execPath, exit } from 'node:process';
import { parseArgs } from 'node:util';
import { run } from './command.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string' },
    seed: { type: 'string' },
    server: { type: 'string' },
    scenario: { type: 'string' },
    store: { type: 'string' },
  },
});
const folders = { sqlite: 'faults', postgres: 'failover' };
const chosen = values.store === undefined ? Object.values(folders) : [folders[values.store]];
if (chosen.includes(undefined)) {
  console.error(`--store is one of ${Object.keys(folders).join(', ')}`);
  exit(2);
}
const rounds = values.rounds ?? (values.seed === undefined ? '3' : '1');

const bootstrap = await run(
  execPath,
  ['scripts/bootstrap.mjs', '--build', '--prosody', '--ejabberd', '--slixmpp', '--postgres'],
  {
    show: true,
  },
);
// 3: a server could not be installed; its tests say so by skipping.
if (bootstrap.code !== 0 && bootstrap.code !== 3) exit(1);
const { code } = await run(
  execPath,
  [
    'node_modules/mocha/bin/mocha.js',
    ...(values.scenario === undefined ? [] : ['--grep', values.scenario]),
    ...chosen.map((folder) => `test/${folder}/${values.server ?? '*'}.test.ts`),
  ],
  {
    show: true,
    limit: 24 * 3600,
    env: { ...env, FAULT_ROUNDS: rounds, ...(values.seed === undefined ? {} : { FAULT_SEED: values.seed }) },
  },
);
exit(code ?? 1);
