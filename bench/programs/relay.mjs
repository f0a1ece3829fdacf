/** The upper bound: attaches as a component, then writes back every byte it reads. */
import { createHash } from 'node:crypto';
import { connect } from 'node:net';

const [port, domain, secret] = process.argv.slice(2);
const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true });
socket.on('close', () => process.exit());
socket.write(
  `<?xml version='1.0'?><stream:stream xmlns='jabber:component:accept' ` +
    `xmlns:stream='http://etherx.jabber.org/streams' to='${domain}'>`,
);

let heard = '';
function shakeHands(chunk) {
  heard += chunk.toString('latin1');
  if (heard.includes('<handshake/>')) {
    socket.off('data', shakeHands);
    socket.on('data', (bytes) => socket.write(bytes));
    return;
  }
  const id = / id='([^']*)'/.exec(heard)?.[1];
  if (id === undefined) return;
  heard = '';
  socket.write(
    `<handshake>${createHash('sha1')
      .update(id + secret)
      .digest('hex')}</handshake>`,
  );
}
socket.on('data', shakeHands);
