import type { LinkPhase, LinkProblem, WrongPeer } from './link-problem.ts';
import { printable } from './printable.ts';

/** Where the link goes, for the texts. */
export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly domain: string;
  /** Where our secret is written. */
  readonly secretFrom: string;
}

const startServer =
  'Start the XMPP server, or correct component.service. ' +
  'Prosody listens where component_ports (5347) and component_interfaces say, once a Component is configured; ' +
  'ejabberd where a listener has module: ejabberd_service.';

/** Codes of a certificate that is not to be trusted: OpenSSL's names, and those of Node.js. */
const certificateCode = /CERT|SELF_SIGNED|UNABLE_TO_|SIGNATURE|CRL/;

const checkNetwork = 'Check the host in component.service, the network and firewalls between here and there.';

const restarted =
  'Nothing to do if the server was restarted: the link is tried again. Otherwise look into the log of the server.';

/** The problem that an error of the socket is. */
export function socketProblem(error: Error, phase: LinkPhase, to: Destination): LinkProblem {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const where = `${to.host}:${to.port}`;
  if (phase !== 'connecting') return closedProblem(phase, to, code === '' ? error.message : code);
  switch (code) {
    case 'ECONNREFUSED':
      return { kind: 'refused', text: `Nothing listens at ${where}.`, advice: startServer };
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
      return {
        kind: 'unresolvable',
        text: `The host name ${to.host} has no address (${code}).`,
        advice: 'Correct the host in component.service, or the name service of this machine.',
      };
    case 'ECONNRESET':
      return closedProblem('header', to, code);
    case 'ETIMEDOUT':
      return timeoutProblem('connecting', to, '');
    default:
      if (certificateCode.test(code)) return untrustedProblem(to, code);
      return {
        kind: 'unreachable',
        text: `No connection to ${where} can be made (${code === '' ? error.message : code}).`,
        advice: checkNetwork,
      };
  }
}

/** The problem of a certificate for another name, or from nobody that is trusted. */
function untrustedProblem({ host, port, domain }: Destination, code: string): LinkProblem {
  return {
    kind: 'untrusted',
    text: `The server sent the component to ${host}:${port}, which cannot prove that it is the server of ${domain} (${code}).`,
    advice:
      'Give that host a certificate for the domain of the server, from an authority that this machine trusts ' +
      '(NODE_EXTRA_CA_CERTS adds one), or take it out of component.follow.',
  };
}

/** That the link goes elsewhere because the server said so, and component.follow lets it. */
export function movedProblem({ host, port }: { readonly host: string; readonly port: number }): LinkProblem {
  return {
    kind: 'moved',
    text: `The server sends the component to ${host}:${port}, which component.follow allows.`,
    advice: 'Nothing to do. Should the link fail there, it goes back to component.service.',
  };
}

/** The problem of an attempt that took longer than `handshakeTimeout`; `received` is what came instead. */
export function timeoutProblem(phase: LinkPhase, to: Destination, received: string): LinkProblem {
  const where = `${to.host}:${to.port}`;
  if (phase === 'connecting') {
    return { kind: 'connect-timeout', text: `${where} does not answer a connection.`, advice: checkNetwork };
  }
  if (phase === 'header') return wrongPeerProblem(received.trim() === '' ? 'silent' : 'other', to, received);
  return {
    kind: 'handshake-timeout',
    text: `The server at ${where} opened the stream but did not answer the handshake.`,
    advice: 'Look into the log of the server; if it is only slow, raise component.handshakeTimeout.',
  };
}

/** The problem of a connection that ended without a stream error. `how` is the system's word, or ''. */
export function closedProblem(phase: LinkPhase, to: Destination, how: string): LinkProblem {
  const where = `${to.host}:${to.port}`;
  const by = how === '' ? '' : ` (${how})`;
  if (phase === 'online') {
    return { kind: 'closed', phase, text: `The server at ${where} closed the connection${by}.`, advice: restarted };
  }
  const when = phase === 'handshake' ? 'instead of answering the handshake' : 'before it opened the stream';
  return {
    kind: 'closed',
    phase,
    text: `The peer at ${where} closed the connection ${when}${by}.`,
    advice:
      phase === 'handshake'
        ? `Check component.domain and the secret in ${to.secretFrom}, then the log of the server.`
        : 'Check that the port in component.service is the component port without TLS, and that the server lets this ' +
          'machine connect (ejabberd: access and ip of the listener).',
  };
}

/** The problem of a stream that the server ended with `</stream:stream>`, as it does when it stops. */
export function closedByServer(): LinkProblem {
  return { kind: 'closed', phase: 'online', text: 'The server ended the stream.', advice: restarted };
}

const peerText: Readonly<Record<WrongPeer, string>> = {
  c2s: 'it is the port for clients (jabber:client)',
  s2s: 'it is the port for other servers (jabber:server)',
  http: 'an HTTP server answers there',
  tls: 'it speaks TLS',
  silent: 'it accepts the connection and says nothing',
  other: 'what answers there is no XMPP component listener',
};

/** The problem of a peer that is no XEP-0114 listener. `received` is the beginning of what it said. */
export function wrongPeerProblem(peer: WrongPeer, to: Destination, received: string): LinkProblem {
  const excerpt = printable(received.slice(0, 60));
  const said = peer === 'other' && excerpt !== '' ? ` It said: ${excerpt}` : '';
  return {
    kind: 'not-component-port',
    peer,
    text: `${to.host}:${to.port} is no component port: ${peerText[peer]}.${said}`,
    advice:
      peer === 'tls'
        ? 'Point component.service at a component port without TLS, on loopback or in a tunnel (ejabberd: no tls: true).'
        : 'Correct the port in component.service. Prosody: component_ports, 5347 by default. ' +
          'ejabberd: the port of the listener with module: ejabberd_service.',
  };
}

/** The problem of a link on which not even a ping brought a byte. */
export function halfOpenProblem(to: Destination, silentMs: number): LinkProblem {
  return {
    kind: 'half-open',
    text: `Nothing has come from ${to.host}:${to.port} for ${Math.round(silentMs / 1000)} s, not even the answer to a ping.`,
    advice:
      'The server or the network between hangs. The link is tried again; component.pingTimeout says how long to wait.',
  };
}

/**
 * The problem of bytes that are no XML stream.
 *
 * @param condition the stream error the server is told: `not-well-formed`, `restricted-xml`, `policy-violation`.
 * @param text what was wrong.
 */
export function framingProblem(condition: string, text: string): LinkProblem {
  return {
    kind: 'framing',
    condition,
    text: `The server sent something that cannot be read (${condition}: ${printable(text)}).`,
    advice: 'Look into the log of the server; if it shows nothing, report this as a fault of Switchyard.',
  };
}

/** The problem of a fault of ours. */
export function internalProblem(error: unknown): LinkProblem {
  const text = error instanceof Error ? error.message : String(error);
  return {
    kind: 'internal',
    text: `A fault of Switchyard ended the link: ${printable(text)}`,
    advice: 'Please report it with the log. The link is tried again.',
  };
}
