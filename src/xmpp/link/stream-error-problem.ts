import type { LinkProblem } from './link-problem.ts';
import { printable } from './printable.ts';

/** What of our settings an advice names. */
export interface OwnSide {
  readonly domain: string;
  /** Where our secret is written. */
  readonly secretFrom: string;
}

/** Conditions of RFC 6120 section 4.9.3 that need other advice than to wait. */
const adviceOf: ReadonlyMap<string, string> = new Map([
  [
    'policy-violation',
    'The server found a stanza of ours too large, or too many of them. Make limits.stanza smaller than its limit ' +
      '(Prosody: component_stanza_size_limit; ejabberd: max_stanza_size and shaper of the listener).',
  ],
  [
    'not-well-formed',
    'Prosody says so of a stanza above component_stanza_size_limit (512 KiB): make limits.stanza smaller than that. ' +
      'Otherwise this is a fault of Switchyard: please report it with the log.',
  ],
  ['improper-addressing', 'A stanza without from or to was sent. This is a fault of Switchyard: please report it.'],
  [
    'invalid-namespace',
    'Check the port in component.service: the listener does not speak jabber:component:accept (XEP-0114).',
  ],
  ['remote-connection-failed', 'The server could not reach something it needs. Look into its log.'],
  ['resource-constraint', 'The server is short of something. Look into its log; the link is tried again.'],
  ['system-shutdown', 'The server is being stopped. Nothing to do: the link is tried again.'],
]);

const waitAdvice = 'Nothing to do at once: the link is tried again. If it repeats, look into the log of the server.';

/**
 * The problem that a stream error received from the server is.
 *
 * @param condition name of the defined condition, such as `conflict`.
 * @param text the character data of its `<text/>`, or of `<see-other-host/>`, or ''.
 * @param own what is ours, for the advice.
 */
export function streamErrorProblem(condition: string, text: string, own: OwnSide): LinkProblem {
  const { domain } = own;
  const said = text === '' ? '' : `: ${printable(text)}`;
  switch (condition) {
    case 'not-authorized':
      return wrongSecret(said, own);
    case 'host-unknown':
      return hostUnknown(said, domain);
    case 'conflict':
      return conflict(said, domain);
    case 'invalid-from':
      return invalidFrom(said, domain);
    case 'see-other-host':
      return {
        kind: 'see-other-host',
        host: printable(text),
        text: `The server wants the component at another address${said}. That is not followed.`,
        advice:
          'If that address is right, write it into component.service, or into component.follow to let the server move the component.',
      };
    default:
      return {
        kind: 'stream-error',
        condition,
        text: `The server ended the stream with the error ${printable(condition)}${said}.`,
        advice: adviceOf.get(condition) ?? waitAdvice,
      };
  }
}

function wrongSecret(said: string, { domain, secretFrom }: OwnSide): LinkProblem {
  return {
    kind: 'wrong-secret',
    text: `The server did not accept the secret of ${domain} (not-authorized${said}).`,
    advice:
      `Make the secret in ${secretFrom} equal to the secret in the server. ` +
      `Prosody: component_secret under Component "${domain}". ` +
      `ejabberd: password of "${domain}" under hosts of the ejabberd_service listener; ` +
      'it says the same of a component.domain that is not there.',
  };
}

function hostUnknown(said: string, domain: string): LinkProblem {
  return {
    kind: 'host-unknown',
    text: `The server has no component of the name ${domain} (host-unknown${said}).`,
    advice:
      'Make component.domain equal to the name in the server, or add it there. ' +
      `Prosody: Component "${domain}" with component_secret. ` +
      `ejabberd: "${domain}" under hosts of the ejabberd_service listener.`,
  };
}

function conflict(said: string, domain: string): LinkProblem {
  return {
    kind: 'conflict',
    text: `Another connection holds ${domain} (conflict${said}).`,
    advice:
      'Stop the other instance, or give this one a component.domain of its own. Where the other connection is dead, ' +
      'the server notices in time; Prosody lets the newer win with component_conflict_resolve = "kick_old". ' +
      'ejabberd says conflict where the domain is also one of its own hosts.',
  };
}

function invalidFrom(said: string, domain: string): LinkProblem {
  return {
    kind: 'invalid-from',
    text: `The server did not accept the sender's address of a stanza (invalid-from${said}).`,
    advice:
      `Everything sent comes from ${domain}: make component.domain the very name that the server knows. ` +
      'Prosody checks it unless validate_from_addresses = false, ejabberd unless check_from: false.',
  };
}
