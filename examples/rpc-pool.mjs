// Requests (IQ) to a pool of servers. The pool needs "iq": "proxy" and "iqNamespaces": ["urn:example:rpc"].
//
//   XMPP_PASSWORD=secret node examples/rpc-pool.mjs serve worker@example.org/r1 rpc@pools.example.org
//   XMPP_PASSWORD=secret node examples/rpc-pool.mjs call me@example.org/shell rpc@pools.example.org 17 91 360
//
// XMPP_SERVICE says where the server is (xmpp://127.0.0.1:5222); else DNS does.
// A call ends with 0 when every request was answered, else with 1.
import { Connection, Sender, StanzaError, Worker, xml } from 'xmpp-switchyard-client';

const [role, address, pool, ...numbers] = process.argv.slice(2);
const { XMPP_PASSWORD: password, XMPP_SERVICE: service } = process.env;
if (!/^(serve|call)$/.test(role) || !address || !pool || !password) {
  console.error('Usage: XMPP_PASSWORD=... node rpc-pool.mjs serve|call USER@SERVER/NAME POOL@SERVICE [NUMBER...]');
  process.exit(2);
}
const ns = 'urn:example:rpc';
const connection = new Connection({ address, password, ...(service ? { service } : {}) });

function factors(number) {
  const found = [];
  let rest = number;
  for (let divisor = 2; divisor * divisor <= rest; divisor += 1) {
    for (; rest % divisor === 0; rest /= divisor) found.push(divisor);
  }
  return rest > 1 ? [...found, rest] : found;
}

async function serve() {
  new Worker(connection, {
    pool,
    // So many at a time; what is more waits here, or at the other servers.
    capacity: 4,
    handle: () => 'This pool answers requests, not messages.',
    requests: {
      [ns]({ payload }) {
        const number = Number(payload.attrs.number);
        // Goes back to who asked, through the pool, as the error that it is.
        if (!Number.isSafeInteger(number) || number < 1)
          throw new StanzaError('modify', 'bad-request', 'A whole number, please.');
        return xml('factors', { xmlns: ns, by: address, number: String(number) }, factors(number).join(' '));
      },
    },
  });
  await connection.run();
}

async function call() {
  const sender = new Sender(connection, { timeout: 10_000 });
  await connection.start();
  const answers = await Promise.allSettled(
    numbers.map((number) => sender.request(pool, xml('factors', { xmlns: ns, number }))),
  );
  for (const [n, { status, value, reason }] of answers.entries()) {
    console.log(
      status === 'fulfilled'
        ? `${numbers[n]} = ${value?.getText()}, by ${value?.attrs.by}`
        : `${numbers[n]}: ${reason.message}`,
    );
  }
  await connection.stop();
  process.exitCode = answers.every(({ status }) => status === 'fulfilled') ? 0 : 1;
}

await (role === 'serve' ? serve() : call());
