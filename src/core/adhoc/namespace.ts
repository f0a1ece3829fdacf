/** The namespace of ad-hoc commands, and the node that lists them (XEP-0050 section 3.2). */
export const commandsNamespace = 'http://jabber.org/protocol/commands';
