import { deepEqual, equal, match, ok } from 'node:assert/strict';
import fc from 'fast-check';
import { type Element, xml } from '../../client/src/element.ts';
import { isRedirect, type RedirectRules, type Verdict, validateRedirect } from '../../client/src/redirect.ts';
import { parsed } from '../unit/client/fake-server.ts';

const requester = 'sensor@example.net/r';
const pool = 'ingest@pools.example.org';

const get = (to: string, id = '5', type = 'get'): Element =>
  xml('iq', { type, to, id }, xml('query', { xmlns: 'urn:example:status' }));

const rules = (changes: Partial<RedirectRules> = {}): RedirectRules => ({
  original: get(pool),
  requester,
  asked: [pool],
  domains: ['pools.example.org', 'example.org'],
  ...changes,
});

/** The hybrid error of a pool. */
function redirect(
  to: string,
  changes: { id?: string; type?: string; uri?: string; from?: string; inner?: string } = {},
): Element {
  const { id = '5', type = 'get', uri = `xmpp:${to}`, from, inner = `<query xmlns='urn:example:status'/>` } = changes;
  const stamped = from === undefined ? '' : ` from='${from}'`;
  return parsed(
    `<iq from='${pool}' to='${requester}' id='5' type='error'><query xmlns='urn:example:status'/>
      <error type='modify' code='302' by='pools.example.org'>
        <redirect xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>${uri}</redirect>
        <iq xmlns='jabber:client' id='${id}' type='${type}' to='${to}'${stamped}>${inner}</iq>
      </error></iq>`,
  );
}

const followed = (verdict: Verdict): string => ('to' in verdict ? verdict.to : `refused: ${verdict.refused}`);

describe('redirects as the client library follows them (JEP-0051)', () => {
  const to = 'w@example.org/n2';

  it('the form that the router sends', () => {
    const verdict = validateRedirect(redirect(to), rules());
    ok('query' in verdict);
    deepEqual({ ...verdict.query.attrs }, { type: 'get', to, id: '5' });
    equal(verdict.query.getChildElements()[0]?.getNS(), 'urn:example:status');
  });

  it('the forms of the specification, with their defects', () => {
    // XEP-0051 version 0.1, examples 4 and 5: no id outside, no type of error, no namespace inside.
    const simple = parsed(
      `<iq type='error' from='user@server-b' to='user@server-a'><query xmlns='jabber:iq:browse'/>
        <error code='302'><iq id='5' type='get' to='user@server-c'><query xmlns='jabber:iq:browse'/></iq></error></iq>`,
    );
    const original = xml(
      'iq',
      { type: 'get', to: 'user@server-b', id: '5' },
      xml('query', { xmlns: 'jabber:iq:browse' }),
    );
    const asked = ['user@server-b'];
    const server = { original, asked, requester: 'user@server-a/x', domains: ['server-b', 'server-c'] };
    ok(isRedirect(simple));
    equal(followed(validateRedirect(simple, rules(server))), 'user@server-c');
    const storage = parsed(
      `<iq type='error' from='user@server-b/work' to='user@server-a'><query xmlns='jabber:iq:app-specific'/>
        <error code='302'><iq id='5' type='get' to='user@server-b'><query xmlns='storage:client:app-specific'/></iq></error></iq>`,
    );
    const verdict = validateRedirect(storage, rules({ ...server, asked: ['user@server-b/work'] }));
    ok('query' in verdict);
    equal(verdict.query.getChildElements()[0]?.getNS(), 'storage:client:app-specific');
  });

  it('<redirect/> alone asks the same elsewhere', () => {
    const answer = (uri: string): Element =>
      parsed(
        `<iq from='${pool}' id='5' type='error'><error type='modify'>
          <redirect xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'>\n  ${uri}\n</redirect></error></iq>`,
      );
    equal(followed(validateRedirect(answer(`xmpp:${to}`), rules())), to);
    equal(followed(validateRedirect(answer('xmpp:w@example.org/n%32?message'), rules())), to);
    for (const uri of [
      '',
      'w@example.org',
      'https://example.org',
      'xmpp://example.org/w@example.org',
      'xmpp:%zz@example.org',
    ]) {
      match(followed(validateRedirect(answer(uri), rules())), /^refused/, uri);
    }
  });

  for (const [what, answer, changes, reason] of [
    ['of a set', redirect(to), { original: get(pool, '5', 'set') }, /only a request of type get/],
    ['to a set', redirect(to, { type: 'set' }), {}, /not of type get/],
    ['with another id', redirect(to, { id: '6' }), {}, /keep the attribute id/],
    ['from somebody else', redirect(to, { from: 'evil@example.net/x' }), {}, /somebody else/],
    ['to the requester', redirect(requester), { domains: ['example.net'] }, /requester itself/],
    [
      'to the account of the requester',
      redirect('sensor@example.net'),
      { domains: ['example.net'] },
      /requester itself/,
    ],
    ['to who was just asked', redirect('Ingest@POOLS.example.org'), {}, /asked before/],
    ['to a domain that is not allowed', redirect('w@evil.example/x'), {}, /not among the allowed/],
    ['to a subdomain of an allowed one', redirect('w@x.example.org/x'), {}, /not among the allowed/],
    ['to nobody', redirect(''), {}, /no address|another address/],
    ['to no address', redirect('a b@example.org'), {}, /no address|another address/],
    ['to two addresses', redirect(to, { uri: 'xmpp:other@example.org' }), {}, /another address/],
    ['with two questions', redirect(to, { inner: '<a xmlns="b"/><c xmlns="d"/>' }), {}, /exactly one child/],
    ['with none', redirect(to, { inner: '' }), {}, /exactly one child/],
    ['number four', redirect(to), { asked: [pool, 'a@example.org', 'b@example.org', 'c@example.org'] }, /number 4/],
  ] as const) {
    it(`refuses one ${what}`, () => {
      match(followed(validateRedirect(answer, rules(changes))), reason);
    });
  }

  it('allows the requester written as from, which does not go out', () => {
    const verdict = validateRedirect(redirect(to, { from: requester }), rules());
    ok('query' in verdict);
    equal(verdict.query.attrs['from'], undefined);
  });

  const word = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}[a-z0-9]$/);
  const jid = fc.tuple(word, word, fc.option(fc.stringMatching(/^[A-Za-z0-9~!]{1,8}$/), { nil: undefined }));
  const written = jid.map(
    ([local, domain, resource]) => `${local}@${domain}${resource === undefined ? '' : `/${resource}`}`,
  );

  it('what is followed keeps id and type, goes to an allowed domain, to nobody twice', () => {
    const id = fc.oneof(fc.constant('5'), word);
    const type = fc.constantFrom('get', 'get', 'get', 'set', 'result', 'error');
    const domains = fc.uniqueArray(word, { maxLength: 4 });
    fc.assert(
      fc.property(written, id, type, domains, fc.array(written, { maxLength: 5 }), (target, id, type, more, before) => {
        const allowed = [...more, target.split('@')[1]?.split('/')[0] ?? ''].slice(more.length % 2);
        const asked = [pool, ...before];
        const verdict = validateRedirect(redirect(target, { id, type }), rules({ asked, domains: allowed }));
        const may =
          id === '5' &&
          type === 'get' &&
          asked.length <= 3 &&
          !asked.includes(target) &&
          allowed.includes(target.split('@')[1]?.split('/')[0] ?? '');
        equal('query' in verdict, may, followed(verdict));
        if (!('query' in verdict)) return;
        deepEqual({ ...verdict.query.attrs }, { type: 'get', id: '5', to: target });
        equal(verdict.query.getChildElements().length, 1);
      }),
    );
  });

  it('three in a row and never four, whoever redirects to whom', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 8, maxLength: 8 }), (targets) => {
        const asked = [pool];
        for (const target of targets) {
          const verdict = validateRedirect(redirect(`w${target}@example.org/r`), rules({ asked }));
          if (!('to' in verdict)) break;
          asked.push(verdict.to);
        }
        ok(asked.length <= 4);
        equal(new Set(asked).size, asked.length);
        if (new Set(targets.slice(0, 3)).size === 3) equal(asked.length, 4);
      }),
    );
  });

  it('no answer, however odd, is more than refused', () => {
    const part: fc.Arbitrary<string> = fc.letrec<{ node: string }>((tie) => ({
      node: fc
        .tuple(
          fc.constantFrom('iq', 'error', 'redirect', 'query', 'x:y', 'text'),
          fc.constantFrom(
            '',
            ` xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'`,
            ` code='302'`,
            ` to='w@example.org'`,
            ` type='get' id='5' to='w@example.org/a'`,
          ),
          fc.oneof(
            { maxDepth: 3 },
            fc.constantFrom('', 'xmpp:w@example.org', '%'),
            fc.array(tie('node'), { maxLength: 3 }).map((list) => list.join('')),
          ),
        )
        .map(([name, attributes, inner]) => `<${name}${attributes}>${inner}</${name}>`),
    })).node;
    fc.assert(
      fc.property(part, (text) => {
        const verdict = validateRedirect(parsed(`<iq type='error' from='${pool}' id='5'>${text}</iq>`), rules());
        if ('to' in verdict) match(verdict.to, /@example\.org/);
      }),
    );
  });
});
