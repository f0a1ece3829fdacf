/** The naive balancer, which adds to each chat message what Switchyard adds: no copies for other clients. */
import { component, xml } from '@xmpp/component';

const [port, domain, password, ...workers] = process.argv.slice(2);
const xmpp = component({ service: `xmpp://127.0.0.1:${port}`, domain, password });
let turn = 0;

xmpp.on('error', (error) => console.error(error.message));
xmpp.on('stanza', (stanza) => {
  if (!stanza.is('message')) return;
  stanza.append(xml('private', 'urn:xmpp:carbons:2'));
  stanza.attrs.from = `${stanza.attrs.to}/${stanza.attrs.from}`;
  stanza.attrs.to = workers[turn++ % workers.length];
  xmpp.send(stanza).catch((error) => console.error(error.message));
});
xmpp.start().catch((error) => console.error(error.message));
