/**
 * A component as a user of @xmpp/component would write it, that does the work itself: two of them
 * on one domain is what `domain_balancing` of ejabberd is for. Arguments: port, domain, secret,
 * name, folder of the logs, least and most milliseconds of work.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { component } from '@xmpp/component';
import { EventLog } from '../../test/faults/lab/events.ts';
import { readPayload } from '../../test/faults/lab/message.ts';
import { Random } from '../../test/faults/lab/random.ts';

const [port = '', domain = '', password = '', name = '', folder = '', least = '0', most = '0'] = process.argv.slice(2);
const xmpp = component({ service: `xmpp://127.0.0.1:${port}`, domain, password });
const log = new EventLog(folder, `${name}-${process.pid}`);
const random = new Random(process.pid);

xmpp.on('error', () => undefined);
xmpp.on('online', () => process.send?.('online'));
xmpp.on('stanza', (stanza) => {
  if (!stanza.is('message')) return;
  const payload = readPayload(stanza.getChildText('body'));
  if (payload !== undefined) void work(payload.id, payload.sender, payload.seq);
});
process.on('disconnect', () => process.exit(0));
xmpp.start().catch(() => undefined);

async function work(id, sender, seq) {
  log.write(name, { kind: 'got', id, sender, seq, from: sender });
  await sleep(random.between(Number(least), Number(most)));
  log.write(name, { kind: 'finished', id });
}
