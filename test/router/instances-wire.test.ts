import { deepEqual, equal } from 'node:assert/strict';
import { type Element, parse } from 'ltx';
import { domain } from '../property/stanza-arbitrary.ts';
import { Wire } from '../property/wire.ts';
import { poolSettings, serviceSettings } from './house.ts';

const pool = `ingest@${domain}`;
const sensor = 'sensor@example.net/r';

/** The XML of specs.md 3.2 with the addresses that design.md decides on: `~` before a worker's label. */
const ping = `<message from='${sensor}' to='${pool}' id='p1'>
  <ping xmlns='urn:x-switchyard:dix:0'/>
  <no-store xmlns='urn:xmpp:hints'/>
</message>`;
const shown = `<presence from='${pool}/~n2' to='${sensor}'><priority>95</priority></presence>`;
const pong = `<message from='${pool}/~n2' to='${sensor}' id='p1'><pong xmlns='urn:x-switchyard:dix:0'/></message>`;
const other = `<presence from='${sensor}' to='${pool}/~n2'/>`;
const gone = `<presence from='${pool}/~n2' to='${sensor}' type='unavailable'/>`;

/** What it says, whatever the order of attributes. */
function plain(element: Element): unknown {
  const children = element.children.map((child) => (typeof child === 'string' ? child : plain(child)));
  return { name: element.name, attrs: { ...element.attrs }, children };
}

describe('the exchange of specs.md 3.2, to the letter', () => {
  const wire = new Wire(serviceSettings([poolSettings({ name: 'ingest' })], { domain }));

  /** What is written to `to` when this comes in. */
  function answers(text: string, to: string): unknown[] {
    const before = wire.written.length;
    wire.read(text, 9_999);
    return wire.written.slice(before).flatMap((element) => (element.attrs['to'] === to ? [plain(element)] : []));
  }

  it('is a ping that is answered by presence and pong, presence in both directions, and the end', () => {
    wire.read(`<presence from='w@work.example/n2' to='${pool}'><priority>95</priority></presence>`, 9_999);
    deepEqual(
      answers(ping, sensor),
      [shown, pong].map((text) => plain(parse(text))),
    );
    const there = `<presence from='${pool}/${sensor}' to='w@work.example/n2'/>`;
    deepEqual(answers(other, 'w@work.example/n2'), [plain(parse(there))]);
    wire.read(`<presence from='w@work.example/n2' to='${pool}' type='unavailable'/>`, 9_999);
    const before = wire.written.length;
    wire.pass(100, 1);
    deepEqual(wire.written.slice(before).map(plain), [plain(parse(gone))]);
    equal(wire.router.held.sessions, 0);
    wire.assertAccounted();
  });
});
