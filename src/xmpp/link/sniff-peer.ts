import type { WrongPeer } from './link-problem.ts';

/**
 * Who speaks, judged by the first characters received, when they are no XML; `undefined`
 * while they may still become a stream header.
 */
export function sniffPeer(received: string): WrongPeer | undefined {
  const start = received.trimStart();
  if (start === '' || start.startsWith('<')) return undefined;
  // TLS records: 21 is an alert, 22 a handshake.
  if (start.startsWith('\u0015') || start.startsWith('\u0016')) return 'tls';
  if ('HTTP/'.startsWith(start.slice(0, 5))) return start.length < 5 ? undefined : 'http';
  return 'other';
}
