// A fleet of sensors and the workers that collect from it. With `"algorithm": "sticky"` in the pool
// all readings of a sensor come to the same collector, which can so keep their mean in memory.
//
//   XMPP_PASSWORD=secret node examples/sensor-fleet.mjs collect worker@example.org/c1 jobs@pools.example.org
//   XMPP_PASSWORD=secret node examples/sensor-fleet.mjs sense fleet@example.org jobs@pools.example.org [SENSORS] [READINGS]
//
// XMPP_SERVICE says where the server is (xmpp://127.0.0.1:5222); else DNS does.
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection, Sender, Worker, xml } from 'xmpp-switchyard-client';

const [role, address, pool, sensors = '5', readings = '10'] = process.argv.slice(2);
const { XMPP_PASSWORD: password, XMPP_SERVICE: service } = process.env;
if (!/^(collect|sense)$/.test(role) || !address || !pool || !password) {
  console.error(
    'Usage: XMPP_PASSWORD=... node sensor-fleet.mjs collect|sense ADDRESS POOL@SERVICE [SENSORS] [READINGS]',
  );
  process.exit(2);
}
const ns = 'urn:example:reading';
const login = { password, ...(service ? { service } : {}) };

/** Readings come as elements of their own; text would do as well. */
async function collect() {
  const known = new Map();
  const connection = new Connection({ ...login, address });
  new Worker(connection, {
    pool,
    // A busy collector gets a smaller share, as far as the algorithm goes by priority.
    priority: 10,
    underLoad: { inHand: 50, priority: 1 },
    handle({ from, message }) {
      const value = Number(message.getChild('reading', ns)?.attrs.value);
      const { count, sum } = known.get(from) ?? { count: 0, sum: 0 };
      known.set(from, { count: count + 1, sum: sum + value });
      const mean = (sum + value) / (count + 1);
      console.log(`${from.slice(pool.length + 1)}: ${value}, mean of ${count + 1}: ${mean.toFixed(1)}`);
      // Most readings need no answer. This one goes to the sensor that sent it.
      return value > mean + 5 ? xml('alarm', { xmlns: ns, mean: mean.toFixed(1) }) : undefined;
    },
  });
  await connection.run();
}

async function sense(name) {
  const connection = new Connection({ ...login, address: `${address}/${name}` });
  const sender = new Sender(connection);
  const alarmed = new Promise((resolve) => {
    connection.add({
      stanza(stanza) {
        const alarm = stanza.getChild('alarm', ns);
        if (alarm) resolve(console.log(`${name}: alarm, the mean is ${alarm.attrs.mean}`));
        return alarm !== undefined;
      },
    });
  });
  await connection.start();
  for (let n = 1; n <= Number(readings); n += 1) {
    // The last reading is far off, and the collector says so.
    const value = (n === Number(readings) ? 40 : 20 + Math.random()).toFixed(1);
    await sender.send(pool, xml('reading', { xmlns: ns, value }), { type: 'normal' });
    await sleep(100 * Math.random());
  }
  await Promise.race([alarmed, sleep(10_000, undefined, { ref: false })]);
  await connection.stop();
}

if (role === 'collect') await collect();
else await Promise.all(Array.from({ length: Number(sensors) }, (_, n) => sense(`s${n + 1}`)));
