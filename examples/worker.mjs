// A worker: joins a pool and answers what it gets. Copy it, and put your work into `work`.
//
//   XMPP_PASSWORD=secret node examples/worker.mjs worker@example.org/n1 jobs@pools.example.org [PRIORITY]
//
// XMPP_SERVICE says where the server is (xmpp://127.0.0.1:5222); else DNS does.
import { client, jid, xml } from '@xmpp/client';

const [address, pool, priority = '0'] = process.argv.slice(2);
const { XMPP_PASSWORD: password, XMPP_SERVICE } = process.env;
if (!address || !pool || !password) {
  console.error('Usage: XMPP_PASSWORD=... node worker.mjs USER@SERVER/NAME POOL@SERVICE [PRIORITY]');
  process.exit(2);
}
const { local: username, domain, resource } = jid(address);
const xmpp = client({ service: XMPP_SERVICE ?? domain, domain, resource, username, password });
// Milliseconds for one step of the login. The library's 2 seconds are too few for a busy server or machine.
xmpp.timeout = 10_000;
const worker = 'urn:x-switchyard:worker:0';
const deliveries = 'urn:x-switchyard:delivery:0';
const info = 'http://jabber.org/protocol/disco#info';
/** How servers say that the router is away: `wait` is Prosody's, the others are those of ejabberd and jabberd2. */
const away = ['remote-server-timeout', 'remote-server-not-found', 'item-not-found'];
let waiting = false;
let pause = 1_000;
/** Work under way. */
const inHand = new Set();
let leaving = false;

async function work(body) {
  return `${resource} did: ${body}`;
}

const send = (stanza) => xmpp.send(stanza).catch((error) => console.error(`not sent: ${error.message}`));
/** Presence directed to the pool makes this session a worker; its priority is its weight. */
const join = (wish = {}) =>
  send(xml('presence', { to: pool }, xml('priority', {}, priority), xml('x', { xmlns: worker, ...wish })));

/** A router that is away does not know that we wanted to join: it is asked again, less and less often. */
function refused(error) {
  console.error(`${pool} refuses: ${error}`);
  if (waiting || (error?.attrs.type !== 'wait' && !away.some((name) => error?.getChild(name)))) return;
  waiting = true;
  setTimeout(() => {
    waiting = false;
    if (!leaving) void join();
  }, pause);
  pause = Math.min(pause * 2, 60_000);
}

/** To the address that the message came from: that is the sender, seen through the pool. */
async function answer(message) {
  const { from, type } = message.attrs;
  // In a pool that delivers at least once: by this it hears that the work is done, or that another worker shall try.
  const token = message.getChild('delivery', deliveries)?.attrs.token;
  const say = (name) => (token ? xml(name, { xmlns: deliveries, token }) : undefined);
  try {
    const done = await work(message.getChildText('body'));
    console.log(done);
    await send(xml('message', { to: from, type }, xml('body', {}, done), message.getChild('thread'), say('ack')));
  } catch (error) {
    console.error(error);
    if (token) await send(xml('message', { to: from, type }, say('nack')));
  }
}

// After each login, so after each reconnect too.
xmpp.on('online', async (me) => {
  // Else the library breaks characters that arrive split over two reads.
  (xmpp.socket?.socket ?? xmpp.socket)?.setEncoding?.('utf8');
  await join();
  console.log(`${me} joins ${pool}`);
});
// The router asks by ping whether a worker still lives.
xmpp.iqCallee.get('urn:xmpp:ping', 'ping', () => true);
// And what the worker can do: a pool that delivers at least once gives work to those alone who can acknowledge it.
xmpp.iqCallee.get(info, 'query', ({ element }) => {
  const features = [info, 'urn:xmpp:ping', deliveries].map((name) => xml('feature', { var: name }));
  return xml('query', element.attrs, xml('identity', { category: 'client', type: 'bot' }), ...features);
});
xmpp.on('stanza', async (stanza) => {
  const { from, type } = stanza.attrs;
  if (stanza.is('presence') && from === pool) {
    // The pool shows itself when it takes us in, and when the router is back: then it wants to be told again.
    if (type === undefined && !leaving) await join();
    if (type === 'error') refused(stanza.getChild('error'));
    else pause = 1_000;
  } else if (stanza.is('message') && from?.startsWith(`${pool}/`) && type !== 'error' && stanza.getChild('body')) {
    const answering = answer(stanza);
    inHand.add(answering);
    await answering;
    inHand.delete(answering);
  }
});
xmpp.on('error', (error) => console.error(error.message));

async function leave() {
  // First take nothing new, so that the others get what comes. What came before is here once the pool answers a ping.
  leaving = true;
  await join({ drain: 'true' });
  await xmpp.iqCaller.get(xml('ping', 'urn:xmpp:ping'), pool, 5_000).catch(() => undefined);
  await Promise.allSettled(inHand);
  await send(xml('presence', { to: pool, type: 'unavailable' }));
  xmpp.reconnect.stop();
  await xmpp.stop().catch(() => undefined);
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void leave());
// The first login must succeed; from then on the library reconnects by itself.
await xmpp.start().catch(() => process.exit(1));
