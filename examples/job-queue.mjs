// A job queue that loses no job: the pool keeps each on its disk until a worker has done it.
// The pool needs "delivery": { "guarantee": "at-least-once" }.
//
//   XMPP_PASSWORD=secret node examples/job-queue.mjs work worker@example.org/q1 queue@pools.example.org FOLDER
//   XMPP_PASSWORD=secret node examples/job-queue.mjs submit me@example.org/shell queue@pools.example.org BATCH NUMBER...
//
// A job is a number, and what is done with it a file in FOLDER, which all workers share. The same BATCH
// again, within the pool's dedupeWindow, submits nothing twice: so it may be repeated after a crash.
// XMPP_SERVICE says where the server is (xmpp://127.0.0.1:5222); else DNS does.
// `submit` ends with 0 when every job was done, else with 1.
import { link, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, Reject, Sender, Worker } from 'xmpp-switchyard-client';

const [role, address, pool, place, ...numbers] = process.argv.slice(2);
const { XMPP_PASSWORD: password, XMPP_SERVICE: service } = process.env;
if (!/^(work|submit)$/.test(role) || !address || !pool || !place || !password) {
  console.error('Usage: XMPP_PASSWORD=... node job-queue.mjs work USER@SERVER/NAME POOL@SERVICE FOLDER');
  console.error('       XMPP_PASSWORD=... node job-queue.mjs submit USER@SERVER/NAME POOL@SERVICE BATCH NUMBER...');
  process.exit(2);
}
const connection = new Connection({ address, password, ...(service ? { service } : {}) });

/**
 * Writes the result under the id of the delivery, in one step: a crash leaves all of it or nothing, and whoever
 * does the same job a second time finds that it is done. So a job may come twice, and has an effect once.
 */
async function store(id, text) {
  const draft = join(place, `.${id}-${process.pid}`);
  await writeFile(draft, text);
  try {
    await link(draft, join(place, id));
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    return false;
  } finally {
    await rm(draft, { force: true });
  }
}

async function work() {
  await mkdir(place, { recursive: true });
  new Worker(connection, {
    pool,
    // The pool gives no more than this at a time; the rest waits there, and other workers can have it.
    capacity: 4,
    deduplicate: true,
    // Acknowledged when this is over. If it throws, or this process dies, another worker gets the job.
    async handle({ body, delivery }) {
      if (!/^\d+$/.test(body)) throw new Reject(`${body} is no whole number.`);
      if (delivery === undefined) throw new Error('the pool does not deliver at least once');
      await sleep(50);
      const first = await store(delivery.id, `${body} squared is ${BigInt(body) ** 2n}\n`);
      console.log(`${first ? 'did' : 'found done'} ${body}, attempt ${delivery.attempt}`);
    },
  });
  await connection.run();
}

async function submit() {
  const sender = new Sender(connection);
  await connection.start();
  const jobs = numbers.map((number, n) =>
    sender.deliver(pool, number, { until: 'acknowledged', originId: `${place}/${n}`, doneWithin: 600_000 }),
  );
  const ends = await Promise.allSettled(jobs);
  for (const [n, { status, value, reason }] of ends.entries()) {
    console.log(`${numbers[n]}: ${status === 'fulfilled' ? value.state : reason.message}`);
  }
  await connection.stop();
  process.exitCode = ends.every(({ status }) => status === 'fulfilled') ? 0 : 1;
}

await (role === 'work' ? work() : submit());
