/**
 * A connection of the client library in a process of its own, since Node reads NODE_EXTRA_CA_CERTS at
 * its start only. Writes each notice as a line of JSON, and `failed` when the first login fails.
 */
import { Connection } from '../../client/src/connection.ts';
import type { ConnectionOptions } from '../../client/src/connection-options.ts';

const options: Partial<ConnectionOptions> = JSON.parse(process.argv[2] ?? '{}');
const connection = new Connection({
  address: 'w@example.org/n1',
  password: 'pässword 文',
  mechanism: 'PLAIN',
  tls: 'required',
  transfersFrom: ['pools.example.org'],
  reconnect: { min: 10, max: 50 },
  ...options,
  notify: ({ event, text }) => process.stdout.write(`${JSON.stringify({ event, text })}\n`),
});
try {
  await connection.run();
} catch (error) {
  process.stdout.write(`${JSON.stringify({ event: 'failed', text: String(error) })}\n`);
  process.exitCode = 1;
}
