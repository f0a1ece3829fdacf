import assert from 'node:assert/strict';
import { type Element, parse } from 'ltx';
import type { IqRequest } from '../../../src/core/envelope.ts';
import type { CommandAnswer } from '../../../src/core/requests/answer.ts';
import { ns } from '../../../src/xmpp/codec/namespaces.ts';
import { stanzaError } from '../../../src/xmpp/codec/stanza-error.ts';
import { writeCommand } from '../../../src/xmpp/protocols/adhoc.ts';
import { decode } from '../codec/recorder.ts';

function asked(command: string, type = 'set'): IqRequest {
  const stanza = decode(`<iq type='${type}' from='a@b/c' to='jobs@s' id='1'>${command}</iq>`).stanzas[0];
  assert.ok(stanza?.kind === 'iq-request');
  return stanza.request;
}

function withForm(form: string): unknown {
  const request = asked(`<command xmlns='${ns.commands}' node='n' sessionid='s'>${form}</command>`);
  assert.ok(request.name === 'command');
  return typeof request.form === 'object' ? Object.fromEntries(request.form) : request.form;
}

const plain: CommandAnswer = {
  node: 'pools.list',
  session: 's1',
  status: 'completed',
  actions: [],
  notes: [],
  forms: [],
  page: undefined,
};

function written(changes: Partial<CommandAnswer>): Element {
  return parse(writeCommand({ name: 'command', ...plain, ...changes }));
}

function children(element: Element | undefined, name: string): readonly Element[] {
  return element?.getChildElements().filter((each) => each.getName() === name) ?? [];
}

function child(element: Element | undefined, name: string): Element | undefined {
  return children(element, name)[0];
}

describe('ad-hoc commands (XEP-0050)', () => {
  it('reads what is asked, and what of it is left out', () => {
    assert.deepEqual(
      asked(`<command xmlns='${ns.commands}' node='a&amp;b' sessionid='x' action='prev' status='odd'/>`),
      {
        name: 'command',
        node: 'a&b',
        session: 'x',
        action: 'prev',
        form: undefined,
      },
    );
    assert.deepEqual(asked(`<c:command xmlns:c='${ns.commands}'/>`), {
      name: 'command',
      node: undefined,
      session: undefined,
      action: 'execute',
      form: undefined,
    });
  });

  it('is a set, and an element of this name', () => {
    const wrong = { name: 'wrong-element', namespace: ns.commands };
    assert.deepEqual(asked(`<command xmlns='${ns.commands}' node='n'/>`, 'get'), wrong);
    assert.deepEqual(asked(`<order xmlns='${ns.commands}' node='n'/>`), wrong);
  });

  it('reads what was filled in, whatever prefix it has', () => {
    const form =
      `<d:x xmlns:d='jabber:x:data' type='submit'><d:field var='a'><d:value>1</d:value><d:value>&lt;2 </d:value></d:field>` +
      `<d:field var='b'/><d:field var='c' type='boolean'><d:value/></d:field><d:field><d:value>lost</d:value></d:field>` +
      `<field xmlns='urn:x' var='d'><value>no</value></field><d:field var='__proto__'><d:value>p</d:value></d:field></d:x>`;
    assert.deepEqual(
      withForm(form),
      Object.fromEntries([
        ['a', ['1', '<2 ']],
        ['b', []],
        ['c', ['']],
        ['__proto__', ['p']],
      ]),
    );
    // XEP-0050 section 3.5.1: a form of type cancel counts as submit.
    assert.deepEqual(withForm("<x xmlns='jabber:x:data' type='cancel'/>"), {});
    assert.equal(withForm("<x xmlns='urn:other' type='submit'/>"), undefined);
  });

  it('reads no form that nobody has filled in, or that says a thing twice', () => {
    for (const form of [
      "<x xmlns='jabber:x:data'/>",
      "<x xmlns='jabber:x:data' type='form'/>",
      "<x xmlns='jabber:x:data' type='result'/>",
      "<x xmlns='jabber:x:data' type='submit'><field var='a'/><field var='a'/></x>",
    ]) {
      assert.equal(withForm(form), 'malformed', form);
    }
  });

  it('writes a stage with what may be done next', () => {
    const command = written({ status: 'executing', actions: ['next', 'complete', 'prev'] });
    assert.deepEqual(command.attrs, {
      xmlns: ns.commands,
      node: 'pools.list',
      sessionid: 's1',
      status: 'executing',
      'xml:lang': 'en',
    });
    const actions = child(command, 'actions');
    assert.equal(actions?.attrs['execute'], 'next');
    assert.deepEqual(
      actions?.getChildElements().map(({ name }) => name),
      ['next', 'complete', 'prev'],
    );
    assert.deepEqual(written({}).children, []);
  });

  it('writes a form that is to be filled in', () => {
    const about = { name: 'n', label: 'L', values: [] };
    const form = written({
      forms: [
        {
          type: 'form',
          title: 'T',
          instructions: 'one & two',
          fields: [
            { ...about, kind: 'text-single', help: 'H', required: true, values: ['5'], range: { min: 1, max: 9 } },
            { ...about, kind: 'list-single', options: ['a', 'b'] },
            { ...about, kind: 'text-multi', values: ['x', '', 'y'] },
          ],
        },
      ],
    });
    assert.equal(
      child(form, 'x')?.children.map(String).join(''),
      '<title>T</title><instructions>one &amp; two</instructions>' +
        '<field var="FORM_TYPE" type="hidden"><value>urn:x-switchyard:command:0</value></field>' +
        '<field var="n" type="text-single" label="L"><desc>H</desc><required/><value>5</value>' +
        '<validate xmlns="http://jabber.org/protocol/xdata-validate" datatype="xs:integer"><range min="1" max="9"/></validate></field>' +
        '<field var="n" type="list-single" label="L"><option label="a"><value>a</value></option><option label="b"><value>b</value></option></field>' +
        '<field var="n" type="text-multi" label="L"><value>x</value><value/><value>y</value></field>',
    );
  });

  it('writes a table, and the place of a page', () => {
    const table = {
      columns: [
        { name: 'a', label: 'A' },
        { name: 'b', label: 'B' },
      ],
      rows: [
        ['1', '2'],
        ['3', ''],
      ],
    };
    const command = written({
      forms: [{ type: 'result', title: 'T', instructions: '', fields: [], table }],
      page: { first: { id: '0', index: 0 }, last: '1', count: 9 },
    });
    const form = child(command, 'x');
    assert.deepEqual(
      children(child(form, 'reported'), 'field').map(({ attrs }) => [attrs['var'], attrs['label']]),
      [
        ['a', 'A'],
        ['b', 'B'],
      ],
    );
    assert.deepEqual(
      children(form, 'item').map((item) =>
        children(item, 'field').map((field) => [field.attrs['var'], child(field, 'value')?.getText()]),
      ),
      [
        [
          ['a', '1'],
          ['b', '2'],
        ],
        [
          ['a', '3'],
          ['b', ''],
        ],
      ],
    );
    assert.equal(child(child(command, 'set'), 'count')?.getText(), '9');
  });

  it('writes no percent sign into a note, which Profanity would take for a format', () => {
    const note = child(written({ notes: [{ type: 'error', text: '100%n <b>' }] }), 'note');
    assert.deepEqual([note?.attrs['type'], note?.getText()], ['error', '100％n <b>']);
  });

  it('writes the errors of XEP-0050 as it has them', () => {
    for (const [code, text] of [
      ['adhoc-malformed-action', "type='modify' bad-request malformed-action"],
      ['adhoc-bad-action', "type='modify' bad-request bad-action"],
      ['adhoc-bad-payload', "type='modify' bad-request bad-payload"],
      ['adhoc-bad-session', "type='modify' bad-request bad-sessionid"],
      ['adhoc-session-expired', "type='cancel' not-allowed session-expired"],
      ['command-unknown', "type='cancel' item-not-found"],
      ['command-forbidden', "type='auth' forbidden"],
    ] as const) {
      const error = parse(stanzaError(code, 's'));
      const [condition, , own] = error.getChildElements();
      const told = own === undefined ? [] : [own.name];
      assert.equal([`type='${error.attrs['type']}'`, condition?.name, ...told].join(' '), text);
      if (own !== undefined) assert.equal(own.attrs['xmlns'], ns.commands);
    }
  });
});
