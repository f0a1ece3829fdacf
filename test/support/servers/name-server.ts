import { createSocket } from 'node:dgram';
import { once } from 'node:events';

/** Numbers of the DNS (RFC 1035 sections 3.2 and 4.1.1, RFC 2782). */
const srv = 33;
const internet = 1;
const answerFlags = 0x8580;
const noSuchName = 3;

/** A DNS of the tests' own, on loopback. */
export interface NameServer {
  readonly port: number;
  close(): void;
}

/** Says where the XMPP servers of these domains are (RFC 6120 section 3.2.1), and of everything else that there is none. */
export async function startNameServer(
  peers: Readonly<Record<string, { readonly address: string; readonly port: number }>>,
): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const { name, type, end } = questionOf(query);
    const peer = type === srv ? peers[name.replace(/^_xmpp-server\._tcp\./, '')] : undefined;
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    head.writeUInt16BE(peer === undefined ? answerFlags + noSuchName : answerFlags, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(peer === undefined ? 0 : 1, 6);
    const answer = peer === undefined ? Buffer.alloc(0) : serviceRecord(peer.address, peer.port);
    socket.send(Buffer.concat([head, query.subarray(12, end), answer]), from.port, from.address);
  });
  const listening = once(socket, 'listening');
  socket.bind(0, '127.0.0.1');
  await listening;
  return { port: socket.address().port, close: () => socket.close() };
}

/** The first question of a query, and where it ends. */
function questionOf(query: Buffer): { readonly name: string; readonly type: number; readonly end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 };
}

/** For the name that was asked. */
function serviceRecord(target: string, port: number): Buffer {
  const labels = target.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)]));
  const name = Buffer.concat([...labels, Buffer.from([0])]);
  const record = Buffer.alloc(18);
  // The name as a pointer to the question, the type, the class, and how many seconds it is valid.
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(srv, 2);
  record.writeUInt16BE(internet, 4);
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(6 + name.length, 10);
  // Priority and weight are 0.
  record.writeUInt16BE(port, 16);
  return Buffer.concat([record, name]);
}
