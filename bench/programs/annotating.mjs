/** The naive balancer, which adds to each message what Switchyard adds: the sender, and two hints. */
import { component, xml } from '@xmpp/component';

const [port, domain, password, ...workers] = process.argv.slice(2);
const xmpp = component({ service: `xmpp://127.0.0.1:${port}`, domain, password });
let turn = 0;

xmpp.on('error', (error) => console.error(error.message));
xmpp.on('stanza', (stanza) => {
  if (!stanza.is('message')) return;
  const { from, to } = stanza.attrs;
  stanza.append(
    xml('addresses', 'http://jabber.org/protocol/address', xml('address', { type: 'ofrom', jid: from })),
    xml('private', 'urn:xmpp:carbons:2'),
    xml('no-copy', 'urn:xmpp:hints'),
  );
  stanza.attrs.from = `${to}/${from}`;
  stanza.attrs.to = workers[turn++ % workers.length];
  xmpp.send(stanza).catch((error) => console.error(error.message));
});
xmpp.start().catch((error) => console.error(error.message));
