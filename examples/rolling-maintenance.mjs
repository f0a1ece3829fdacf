// Workers that move to another host of their server when the router says so, while messages flow.
//
//   XMPP_PASSWORD=secret node examples/rolling-maintenance.mjs work worker@example.org/n1 jobs@pools.example.org
//   XMPP_PASSWORD=secret node examples/rolling-maintenance.mjs load me@example.org/load jobs@pools.example.org [SECONDS]
//   switchyard transfer maintenance --pool jobs --to node2.example.org:5222
//
// XMPP_SERVICE says where the server is (xmpp://127.0.0.1:5222); else DNS does.
// The load ends with 0 when every message was answered, else with 1.
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, Sender, Worker } from 'xmpp-switchyard-client';

const [role, address, pool, seconds = '10'] = process.argv.slice(2);
const { XMPP_PASSWORD: password, XMPP_SERVICE: service } = process.env;
if (!/^(work|load)$/.test(role) || !address || !pool || !password) {
  console.error(
    'Usage: XMPP_PASSWORD=... node rolling-maintenance.mjs work|load USER@SERVER/NAME POOL@SERVICE [SECONDS]',
  );
  process.exit(2);
}
const login = { address, password, ...(service ? { service } : {}) };

async function work() {
  const connection = new Connection({
    ...login,
    // Whoever can move a worker owns what passes through it: the router's domain, and nobody else.
    transfersFrom: [pool.slice(pool.indexOf('@') + 1)],
    notify: ({ event, text }) => console.log(`${event}: ${text}`),
  });
  new Worker(connection, {
    pool,
    async handle({ body }) {
      // Work takes its time. A worker that is moved leaves the pool, finishes this, and only then goes.
      await sleep(100);
      return `done on ${connection.server ?? 'a host that DNS chose'}: ${body}`;
    },
  });
  await connection.run();
}

async function load() {
  const connection = new Connection(login);
  const sender = new Sender(connection, { timeout: 10_000 });
  await connection.start();
  const questions = [];
  const end = Date.now() + Number(seconds) * 1000;
  for (let n = 1; Date.now() < end; n += 1) {
    questions.push(sender.ask(pool, `message ${n}`));
    // Who looks at the end only must not end the process with the first failure.
    questions.at(-1).catch(() => undefined);
    await sleep(50);
  }
  const answers = await Promise.allSettled(questions);
  const lost = answers.filter(({ status }) => status === 'rejected');
  for (const { reason } of lost) console.log(reason.message);
  console.log(`${answers.length} sent, ${answers.length - lost.length} answered, ${lost.length} lost`);
  await connection.stop();
  process.exitCode = lost.length === 0 ? 0 : 1;
}

await (role === 'work' ? work() : load());
