// A sender: writes messages to a pool and prints what comes back.
//
//   XMPP_PASSWORD=secret node examples/sender.mjs me@example.org/shell jobs@pools.example.org [COUNT] [TEXT]
//
// XMPP_SERVICE says where the server is (xmpp://127.0.0.1:5222); else DNS does.
// Ends with 0 when every message was answered, else with 1.
import { client, jid, xml } from '@xmpp/client';

const [address, pool, count = '1', text = 'hello'] = process.argv.slice(2);
const { XMPP_PASSWORD: password, XMPP_SERVICE } = process.env;
if (!address || !pool || !password) {
  console.error('Usage: XMPP_PASSWORD=... node sender.mjs USER@SERVER/NAME POOL@SERVICE [COUNT] [TEXT]');
  process.exit(2);
}
const { local: username, domain, resource } = jid(address);
const xmpp = client({ service: XMPP_SERVICE ?? domain, domain, resource, username, password });
// Milliseconds for one step of the login. The library's 2 seconds are too few for a busy server or machine.
xmpp.timeout = 10_000;
/** Threads that nothing has come back for yet. */
const open = new Set();
let failed = 0;

async function end() {
  for (const thread of open) console.log(`${thread}: no answer`);
  xmpp.reconnect.stop();
  await xmpp.stop();
  process.exit(failed + open.size > 0 ? 1 : 0);
}

xmpp.on('stanza', async (stanza) => {
  if (!stanza.is('message')) return;
  const { from, type, id } = stanza.attrs;
  // An error repeats the id of what it answers; a reply repeats the thread.
  const thread = type === 'error' ? id : stanza.getChildText('thread');
  if (!open.delete(thread)) return;
  if (type === 'error') failed += 1;
  console.log(`${thread}: ${from} says: ${type === 'error' ? stanza.getChild('error') : stanza.getChildText('body')}`);
  if (open.size === 0) await end();
});
xmpp.on('error', (error) => console.error(error.message));
await xmpp.start().catch(() => process.exit(1));
// Else the library breaks characters that arrive split over two reads.
(xmpp.socket?.socket ?? xmpp.socket)?.setEncoding?.('utf8');
for (let n = 1; n <= Number(count); n += 1) {
  const thread = `message-${process.pid}-${n}`;
  open.add(thread);
  const body = xml('body', {}, `${text} ${n}`);
  await xmpp.send(xml('message', { to: pool, type: 'chat', id: thread }, body, xml('thread', {}, thread)));
}
setTimeout(() => void end(), 10_000);
