import { ns } from '../../../src/xmpp/codec/namespaces.ts';

export const domain = 'pools.example';

const long = 'x'.repeat(900);
const longer = 'y'.repeat(8_000);
const workers = ['w@work.example/1', 'w@work.example/2', 'v@far.work/1'];

type Act = (n: number) => string;

const to = (place: string): string => `to='${place}@${domain}'`;
const body = '<body>work</body>';

/** The `n`th message of a sender who never wrote before, with an id that never was. */
const message = (n: number, pool: string, from: string, more = body): string =>
  `<message from='${from}' ${to(pool)} type='chat' id='m${n}'>${more}</message>`;

const subscription = (n: number, type: string): string =>
  `<presence from='fan${n}@far${n % 50}.example' ${to(n % 2 === 0 ? 'jobs' : 'both')} type='${type}'/>`;

const crowd = (n: number, more: string): string => `<presence from='c${n}@crowd.example/r' ${to('jobs')}${more}`;

/** What anybody may send, each time under another name: everything that could make a router remember. */
const acts: Readonly<Record<string, Act>> = {
  'a new sender': (n) => message(n, 'jobs', `s${n}@far.example/r`),
  'a new sender with a long name': (n) => message(n, 'jobs', `s${n}${long}@far.example/${long}`),
  'a new domain': (n) => message(n, 'rated', `s@far${n}.example/r`),
  'a new alias': (n) => message(n, 'masked', `s${n}@far.example/r`),
  'a sender that cannot be a resource': (n) => message(n, 'jobs', `zoë${n}@far${n % 100}.example/é`),
  'a new localpart': (n) => message(n, 'local', `s${n}@far.example/r`),
  'a new key': (n) => message(n, 'sticky', `s@far.example/r`, `<job xmlns='urn:example:job' key='k${n}'/>`),
  'huge heads': (n) =>
    `<message from='s@far.example/r' ${to('jobs')} id='${n}${longer}' x='${longer}'><thread>${n}${long}</thread>${body}</message>`,
  'a stanza that is too large': (n) => message(n, 'jobs', 's@far.example/r', `<body>${longer.repeat(3)}</body>`),
  'deep stanzas': (n) => message(n, 'jobs', 's@far.example/r', `${'<a>'.repeat(30)}${'</a>'.repeat(30)}`),
  'an unknown pool': (n) => message(n, `p${n}`, `s${n}@far.example/r`),
  'an unknown proxy': (n) =>
    `<message from='w@work.example/1' to='jobs@${domain}/s${n}@none.example/r' id='r${n}'>${body}</message>`,
  'an unknown label': (n) => `<message from='s@far.example/r' to='jobs@${domain}/~l${n}' id='l${n}'>${body}</message>`,
  'an unknown alias': (n) =>
    `<message from='w@work.example/1' to='masked@${domain}/!a${n}' id='a${n}'>${body}</message>`,
  'a reply': (n) =>
    `<message from='w@work.example/1' to='jobs@${domain}/s${n - (n % 24)}@far.example/r' type='chat' id='re${n}'>${body}</message>`,
  'a bounce': (n) =>
    `<message from='${workers[n % 3]}' to='jobs@${domain}/s@far.example/r' type='error' id='m${n}'>` +
    `<error type='wait'><remote-server-timeout xmlns='${ns.stanzaErrors}'/></error></message>`,
  'a correction of nothing': (n) =>
    message(n, 'jobs', 's@far.example/r', `${body}<replace xmlns='${ns.correction}' id='none${n}'/>`),
  'a worker': (n) => crowd(n, '/>'),
  'a worker that comes and goes': (n) => crowd(n, '/>') + crowd(n, ` type='unavailable'/>`),
  'a client of its own kind': (n) =>
    crowd(n % 500, `><c xmlns='${ns.caps}' hash='sha-1' node='urn:n${n}' ver='v${n}'/></presence>`),
  'a label': (n) =>
    `<presence from='w@work.example/1' ${to('jobs')}><x xmlns='${ns.worker}' label='l${n}'/></presence>`,
  'a subscriber': (n) => subscription(n, 'subscribe'),
  'subscriptions that are withdrawn': (n) => subscription(n, 'subscribe') + subscription(n, 'unsubscribe'),
  'probes and approvals': (n) => subscription(n, 'probe') + subscription(n, 'subscribed'),
  'a request': (n) =>
    `<iq type='get' from='s${n}@far.example/r' ${to('jobs')} id='q${n}'><query xmlns='${ns.discoInfo}' node='n${n}'/></iq>`,
  'an answer to nothing': (n) => `<iq type='result' from='s${n}@far.example/r' to='${domain}' id='none${n}'/>`,
  'a setting': (n) =>
    `<iq type='set' from='w@work.example/2' ${to('both')} id='c${n}'><cmr xmlns='${ns.cmr}' algorithm='urn:xmpp:cmr:${n % 2 === 0 ? 'weighted' : 'roundrobin'}'/></iq>`,
};

const all = Object.values(acts);

/** What its workers and the accounts of its pools say first. */
export function opening(): string {
  return workers
    .flatMap((from) =>
      ['jobs', 'masked', 'local', 'sticky', 'rated', 'both'].map((pool) => `<presence from='${from}' ${to(pool)}/>`),
    )
    .join('');
}

/** One round of all of them, the `n`th. */
export function hostileRound(n: number): string {
  return all.map((act, index) => act(n * all.length + index)).join('');
}

/** Rounds until about so many stanzas were sent. */
export function roundsFor(stanzas: number): number {
  return Math.ceil(stanzas / all.length);
}
