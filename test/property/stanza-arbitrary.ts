import fc from 'fast-check';
import { ns } from '../../src/xmpp/codec/namespaces.ts';

/** One stanza before it has an id and addresses: what `writeStanza` makes the text of. */
export interface StanzaPlan {
  readonly name: 'message' | 'presence' | 'iq';
  readonly type: string | undefined;
  readonly from: string | undefined;
  readonly to: string | undefined;
  readonly withId: boolean;
  readonly children: string;
}

export const domain = 'pools.example';

/** Names of the pools that stanzas are sent to. */
export const poolNames = [
  'jobs',
  'sub',
  'both',
  'masked',
  'local',
  'sticky',
  'rated',
  'fan',
  'asks',
  'veiled',
  'gone',
  'feeds',
  'closed',
] as const;

export const people = [
  'a@far.example/1',
  'a@far.example/2',
  'b@far.example',
  "o'brien@near.example/x&y <z>",
  'zoë@far.example/é',
  'far.example',
  'admin@example/a',
  'w1@work.example/r',
  'w1@work.example/s',
  'w2@work.example/r',
  'w3@other.work/r',
  'w3@other.work',
] as const;

const strangers = ['', '@', 'a@b@c/d', `x@${domain}`, domain, '/r', 'a b@c'] as const;

const places = ['', '/~r', '/~s', '/~none', '/!abc', '/a@far.example/1', '/b@far.example', '/nick', '/~', '/', '/é'];

const namespaces = [
  ...Object.values(ns).filter((name) => name !== ns.xml && name !== ns.xmlns),
  'urn:example:none',
  'urn:x-switchyard:other',
];

const names = (
  'body subject thread x c cmr query ping time set max after before index show priority status addresses address hop ' +
  'request received displayed markable replace retract reactions reaction reply origin-id stanza-id active composing ' +
  'private no-copy deliver ack nack extend delivery queued amp rule error service-unavailable item-not-found remote-server-timeout gone text pool apply-to delay'
).split(' ');

const attributes =
  'id node ver hash algorithm weight label drain type jid by to via stamp xml:lang var count token requeue delay seconds guarantee ttl queued condition action value'.split(
    ' ',
  );

const values = fc.oneof(
  fc.constantFrom('', ' ', '0', '1', '-5', '128', '99999999999', 'true', 'chat', 'dnd', 'get', 'roundrobin', 'cancel'),
  fc.constantFrom('urn:xmpp:cmr:all', 'urn:xmpp:cmr:roundrobin', 'urn:xmpp:cmr:weighted', 'm-1', 'm-5'),
  fc.constantFrom(`jobs@${domain}`, `masked@${domain}/!abc`, 'a@far.example/1', '<&\'">', 'é😀\n\t'),
  fc.string({ maxLength: 6 }),
);

/** Text as it may stand in an attribute or between tags. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>'"\n\t\r]/gu, (character) => `&#${character.charCodeAt(0)};`);
}

const attribute = fc.tuple(fc.constantFrom(...attributes), values);

function tag(name: string, namespace: string | undefined, prefixed: boolean, attrs: [string, string][], inner: string) {
  const own = prefixed && namespace !== undefined ? `p:${name}` : name;
  const declared = namespace === undefined ? '' : ` xmlns${own === name ? '' : ':p'}='${escapeXml(namespace)}'`;
  const written = [...new Map(attrs)].map(([key, value]) => ` ${key}='${escapeXml(value)}'`).join('');
  return inner === '' ? `<${own}${declared}${written}/>` : `<${own}${declared}${written}>${inner}</${own}>`;
}

/** Elements of all that we know, put together at random. */
const junk: fc.Arbitrary<string> = fc.letrec<{ node: string; inner: string }>((tie) => ({
  node: fc
    .tuple(
      fc.constantFrom(...names),
      fc.option(fc.constantFrom(...namespaces), { nil: undefined }),
      fc.boolean(),
      fc.array(attribute, { maxLength: 3 }),
      tie('inner'),
    )
    .map(([name, namespace, prefixed, attrs, inner]) => tag(name, namespace, prefixed, attrs, inner)),
  inner: fc.oneof(
    { depthSize: 'small' },
    fc.constant(''),
    values.map(escapeXml),
    fc.array(tie('node'), { maxLength: 2 }).map((nodes) => nodes.join('')),
  ),
})).node;

const requests: fc.Arbitrary<string> = fc.oneof(
  fc
    .constantFrom('subscribed', 'pending', 'none')
    .map((state) => `<pubsub xmlns='${ns.pubsub}'><subscription subscription='${state}'/></pubsub>`),
  fc.constantFrom(
    `<ping xmlns='${ns.ping}'/>`,
    `<query xmlns='${ns.version}'/>`,
    `<query xmlns='${ns.last}'/>`,
    `<time xmlns='${ns.time}'/>`,
    `<query xmlns='${ns.cmr}'/>`,
    `<cmr xmlns='${ns.cmr}'/>`,
  ),
  values.map((value) => `<cmr xmlns='${ns.cmr}' algorithm='${escapeXml(value)}'/>`),
  values.map((value) => `<job xmlns='urn:example:job' key='${escapeXml(value)}'>${escapeXml(value)}</job>`),
  values.map((value) => `<query xmlns='${ns.discoInfo}' node='${escapeXml(value)}'/>`),
  fc.tuple(values, values).map(([max, after]) => {
    const set = `<set xmlns='${ns.rsm}'><max>${escapeXml(max)}</max><after>${escapeXml(after)}</after></set>`;
    return `<query xmlns='${ns.discoItems}'>${set}</query>`;
  }),
);

const inPresence: fc.Arbitrary<string> = fc.oneof(
  values.map((value) => `<priority>${escapeXml(value)}</priority>`),
  values.map((value) => `<show>${escapeXml(value)}</show>`),
  values.map((value) => `<status>${escapeXml(value)}</status>`),
  fc.constant(`<x xmlns='${ns.muc}'/>`),
  fc
    .tuple(values, values, values)
    .map(
      ([weight, label, drain]) =>
        `<x xmlns='${ns.worker}' weight='${escapeXml(weight)}' capacity='${escapeXml(drain)}' label='${escapeXml(label)}' drain='${escapeXml(drain)}'/>`,
    ),
  values.map((value) => `<c xmlns='${ns.caps}' hash='sha-1' node='urn:n' ver='${escapeXml(value)}'/>`),
  values.map(
    (value) => `<agent-status xmlns='${ns.workgroup}'><max-chats>${escapeXml(value)}</max-chats></agent-status>`,
  ),
);

const nodeNames = fc.constantFrom('1', 'true', '-5');
const subscription = fc
  .tuple(nodeNames, fc.constantFrom('subscribed', 'subscribed', 'pending', 'unconfigured', 'none', 'odd'), values)
  .map(
    ([node, state, subid]) =>
      `<subscription node='${node}' jid='feeds@${domain}' subscription='${state}' subid='${escapeXml(subid)}'/>`,
  );
const event = fc
  .tuple(
    nodeNames,
    fc.constantFrom('items', 'items', 'items', 'purge', 'delete'),
    fc.array(fc.oneof(fc.constantFrom('<item/>', "<item id='1'/>", "<retract id='1'/>"), values.map(escapeXml)), {
      maxLength: 4,
    }),
  )
  .map(([node, what, inner]) => `<${what} node='${node}'>${inner.join('')}</${what}>`);
/** What a PubSub service sends. */
export const pubsub: fc.Arbitrary<string> = fc.oneof(
  fc.oneof(event, event, subscription).map((what) => `<event xmlns='${ns.pubsubEvent}'>${what}</event>`),
  subscription.map((what) => `<pubsub xmlns='${ns.pubsub}'>${what}</pubsub>`),
);

const inMessage: fc.Arbitrary<string> = fc.oneof(
  pubsub,
  { arbitrary: values.map((value) => `<body>${escapeXml(value)}</body>`), weight: 3 },
  values.map((value) => `<thread>${escapeXml(value)}</thread>`),
  values.map((value) => `<cmr xmlns='${ns.cmr}' algorithm='${escapeXml(value)}'/>`),
  values.map((value) => `<received xmlns='${ns.receipts}' id='${escapeXml(value)}'/>`),
  values.map((value) => `<replace xmlns='${ns.correction}' id='${escapeXml(value)}'/>`),
  values.map(
    (value) => `<reactions xmlns='${ns.reactions}' id='${escapeXml(value)}'><reaction>+</reaction></reactions>`,
  ),
  values.map((value) => `<reply xmlns='${ns.replies}' id='${escapeXml(value)}' to='x'/>`),
  values.map((value) => `<origin-id xmlns='${ns.stanzaIds}' id='${escapeXml(value)}'/>`),
  values.map((value) => `<hop xmlns='${ns.pool}' via='${escapeXml(value)}'/>`),
  fc.constantFrom(`<ping xmlns='${ns.dix}'/>`, `<pong xmlns='${ns.dix}'/>`),
  values.map((v) => `<addresses xmlns='${ns.addresses}'><address type='ofrom' jid='${escapeXml(v)}'/></addresses>`),
  values.map((value) => `<job xmlns='urn:example:job' key='${escapeXml(value)}'/>`),
  fc.constantFrom(`<request xmlns='${ns.receipts}'/>`, `<composing xmlns='${ns.chatStates}'/>`),
);

const errorChild = fc
  .tuple(
    fc.constantFrom('auth', 'cancel', 'continue', 'modify', 'wait', 'odd'),
    fc.constantFrom('gone', 'service-unavailable', 'remote-server-timeout', 'item-not-found', 'not-allowed', 'odd'),
  )
  .map(([type, name]) => `<error type='${type}'><${name} xmlns='${ns.stanzaErrors}'/></error>`);

const none = [undefined, 'nonsense', ''];
const subscriptionTypes = ['subscribe', 'subscribed', 'unsubscribe', 'unsubscribed'];
const kinds = {
  message: { types: ['normal', 'chat', 'headline', 'groupchat', 'error', ...none], child: inMessage, most: 4 },
  presence: {
    types: [undefined, undefined, 'unavailable', ...subscriptionTypes, 'probe', 'error', ...none],
    child: inPresence,
    most: 3,
  },
  iq: { types: ['get', 'get', 'set', 'set', 'result', 'error', ...none], child: requests, most: 2 },
} as const;

const childrenOf = (name: keyof typeof kinds): fc.Arbitrary<string> =>
  fc
    .array(fc.oneof({ arbitrary: kinds[name].child, weight: 6 }, { arbitrary: junk, weight: 2 }, errorChild), {
      maxLength: kinds[name].most,
    })
    .map((children) => children.join(''));

const from = fc.oneof(
  { arbitrary: fc.constantFrom(...people), weight: 20 },
  fc.constantFrom<(string | undefined)[]>(...strangers, undefined),
);
const to = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.constantFrom(...poolNames, 'none'), fc.oneof(fc.constant(''), fc.constantFrom(...places)))
      .map(([pool, place]) => `${pool}@${domain}${place}`),
    weight: 20,
  },
  fc.constantFrom<(string | undefined)[]>(domain, `${domain}/x`, 'else.example', `local+abc@${domain}`, '', undefined),
);

/** Any stanza that a server might give us, and some that none would. */
export const stanza: fc.Arbitrary<StanzaPlan> = fc
  .constantFrom('message', 'message', 'presence', 'presence', 'iq')
  .chain((name: keyof typeof kinds) =>
    fc.record({
      name: fc.constant(name),
      type: fc.constantFrom<(string | undefined)[]>(...kinds[name].types),
      from,
      to,
      withId: fc.integer({ min: 0, max: 7 }).map((n) => n > 0),
      children: name === 'iq' ? fc.oneof(requests, requests, childrenOf(name)) : childrenOf(name),
    }),
  );

/** The stanza as text. */
export function writeStanza(plan: StanzaPlan, id: string): string {
  const { name, type, from: sender, to: receiver, withId, children } = plan;
  const head = Object.entries({ type, from: sender, to: receiver, id: withId ? id : undefined })
    .map(([key, value]) => (value === undefined ? '' : ` ${key}='${escapeXml(value)}'`))
    .join('');
  return children === '' ? `<${name}${head}/>` : `<${name}${head}>${children}</${name}>`;
}
