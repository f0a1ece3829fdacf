/** What every problem tells a person. */
interface Told {
  /** What happened, in one sentence or two. */
  readonly text: string;
  /** What to do: which key of component.config.json, which setting of the server. */
  readonly advice: string;
}

/** Who answered in place of a component listener; `silent` when nobody did, `other` for anything unknown. */
export type WrongPeer = 'c2s' | 's2s' | 'http' | 'tls' | 'silent' | 'other';

/** How far a connection had come. */
export type LinkPhase = 'connecting' | 'header' | 'handshake' | 'online';

/**
 * Why the link is down or could not be made. `kind` is stable: metrics and `switchyard check`
 * go by it.
 */
export type LinkProblem =
  /** Nothing listens at the address. */
  | (Told & { readonly kind: 'refused' })
  /** The host name has no address. */
  | (Told & { readonly kind: 'unresolvable' })
  /** No route to the host, or the system lets no socket be made. */
  | (Told & { readonly kind: 'unreachable' })
  /** No TCP connection in time. */
  | (Told & { readonly kind: 'connect-timeout' })
  /** Something listens, but it is no XEP-0114 listener. */
  | (Told & { readonly kind: 'not-component-port'; readonly peer: WrongPeer })
  /** The server opened the stream and never answered the handshake. */
  | (Told & { readonly kind: 'handshake-timeout' })
  /** Stream error `not-authorized`. */
  | (Told & { readonly kind: 'wrong-secret' })
  /** The server knows no component of our domain. */
  | (Told & { readonly kind: 'host-unknown' })
  /** Another connection holds the domain. */
  | (Told & { readonly kind: 'conflict' })
  /** The server did not accept the `from` of a stanza. */
  | (Told & { readonly kind: 'invalid-from' })
  /** The certificate of a server to which we were sent is not one to trust. */
  | (Told & { readonly kind: 'untrusted' })
  /** The server wants us elsewhere, and may. */
  | (Told & { readonly kind: 'moved' })
  /** The server wants us elsewhere; not followed. */
  | (Told & { readonly kind: 'see-other-host'; readonly host: string })
  /** Any other stream error (RFC 6120 section 4.9.3). */
  | (Told & { readonly kind: 'stream-error'; readonly condition: string })
  /** Not a byte came, not even for a ping. */
  | (Told & { readonly kind: 'half-open' })
  /** The connection ended without a stream error. */
  | (Told & { readonly kind: 'closed'; readonly phase: LinkPhase })
  /** What the server sent is no XML stream; `condition` is the stream error it is told. */
  | (Told & { readonly kind: 'framing'; readonly condition: string })
  /** A fault of ours. */
  | (Told & { readonly kind: 'internal' });

/** Only the operator can end these: the next attempt waits the longest delay. */
export function isRefusal(problem: LinkProblem): boolean {
  return (
    problem.kind === 'see-other-host' ||
    problem.kind === 'conflict' ||
    problem.kind === 'wrong-secret' ||
    problem.kind === 'host-unknown'
  );
}
