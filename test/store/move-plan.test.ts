import { deepEqual, throws } from 'node:assert/strict';
import fc from 'fast-check';
import type { Change } from '../../src/core/durable-state.ts';
import { keyOf } from '../../src/store/change-key.ts';
import { isDeliveryChange } from '../../src/store/delivery-change.ts';
import { migrate, readMigrations } from '../../src/store/migrate.ts';
import type { Mark } from '../../src/store/moves/mark.ts';
import { type Found, planMove } from '../../src/store/moves/plan.ts';
import { compareKeys, hashOf, keyOfRow, shapes } from '../../src/store/moves/shapes.ts';
import { connect } from '../../src/store/sqlite/connection.ts';
import { anyChange } from './change-arbitrary.ts';

const at = Date.UTC(2026, 10, 21);

function found(place: string, rows: number, state?: Mark['state'], other = 'there', id = 'one'): Found {
  return { place, rows, mark: state === undefined ? undefined : { state, id, other, at } };
}

describe('a move of a store', () => {
  const begins: readonly [what: string, source: Found, target: Found][] = [
    ['to an empty place', found('here', 5), found('there', 0)],
    ['from where it came', found('here', 5, 'arrived'), found('there', 0, 'arrived', 'here')],
    ['anew after an interruption', found('here', 5), found('there', 3, 'arriving', 'here')],
    ['anew when it was not decided', found('here', 5), found('there', 5, 'checked', 'here')],
  ];
  for (const [what, source, target] of begins) {
    it(`begins ${what}`, () => deepEqual(planMove(source, target), { todo: 'begin' }));
  }

  it('is finished when it was decided and nobody lived to say so', () => {
    deepEqual(planMove(found('here', 5, 'left'), found('there', 5, 'checked', 'here')), { todo: 'finish', id: 'one' });
  });

  const refusals: readonly [what: string, source: Found, target: Found, text: RegExp][] = [
    ['what has gone', found('here', 5, 'left'), found('there', 5, 'arrived', 'here'), /moved to there on 2026-11-21T/],
    [
      'what has gone elsewhere',
      found('here', 5, 'left'),
      found('there', 5, 'checked', 'x', 'two'),
      /moved to there on/,
    ],
    ['what is not whole', found('here', 5, 'arriving', 'x'), found('there', 0), /a move from x to it was begun/],
    ['what was not decided', found('here', 5, 'checked', 'x'), found('there', 0), /a move from x to it was begun/],
    ['into rows of others', found('here', 5), found('there', 1), /there: it holds 1 rows/],
    ['into what came and stayed', found('here', 5), found('there', 1, 'arrived', 'here'), /there: it holds 1 rows/],
    ['into what was left', found('here', 5), found('there', 1, 'left', 'x'), /it still holds what was moved .* to x/],
    ['into the move of another', found('here', 5), found('there', 1, 'arriving', 'x'), /Finish that one; or remove/],
    ['into what may be the only store', found('here', 5), found('there', 1, 'checked', 'x'), /may be the only store/],
  ];
  for (const [what, source, target, text] of refusals) {
    it(`is refused: ${what}`, () => throws(() => planMove(source, target), text));
  }

  it('knows rows by the keys by which a router writes them', () => {
    const letters = new Set<string>();
    fc.assert(
      fc.property(anyChange, (change: Change) => {
        if (isDeliveryChange(change) || change.op === 'expire-conversations') return;
        const key = keyOf(change) ?? '';
        const shape = shapes.find(({ letter }) => letter === key[0]);
        letters.add(key[0] ?? '');
        deepEqual(key.split('\0').length, (shape?.key.length ?? 0) + 1);
        const fields = new Map<string, unknown>(Object.entries({ ...change, name: change.pool }));
        const values = (shape?.key ?? []).map((name) => String(fields.get(name)));
        deepEqual([shape?.letter, ...values].join('\0'), key);
      }),
      { numRuns: 600 },
    );
    deepEqual(letters.size, shapes.filter(({ letter }) => letter !== undefined).length);
  });

  it('has an order of rows that is that of UTF-8 and of numbers', () => {
    const duplicate = shapes.find(({ name }) => name === 'duplicate');
    const member = shapes.find(({ name }) => name === 'member');
    if (duplicate === undefined || member === undefined) throw new Error('There is no such table.');
    const rows = [
      ['\uffff', 9],
      ['\u{10000}', 2],
      ['\u{10000}', 10],
    ].map(([pool = '', id = 0]) => [pool, id, 'aa']);
    deepEqual(
      rows.toReversed().sort((a, b) => compareKeys(duplicate, a, b)),
      rows,
    );
    const [ada, bob] = [
      ['jobs', 'ada'],
      ['jobs', 'bob'],
    ];
    const order = Buffer.compare(hashOf('m', keyOfRow(member, ada).map(String)), hashOf('m', ['jobs', 'bob']));
    deepEqual(compareKeys(member, ada, bob), order);
  });

  it('leaves no table and no column of the database behind', () => {
    const database = connect(':memory:', {});
    migrate(database, readMigrations());
    const columns = database
      .prepare<[], string>(
        `select t.name || '.' || c.name from sqlite_schema t join pragma_table_info(t.name) c
         where t.type = 'table' and t.name not in ('migration', 'move') order by 1`,
      )
      .pluck()
      .all();
    const moved = shapes.flatMap(({ name, columns: ours }) => ours.map((column) => `${name}.${column.name}`));
    // The number of a batch means something to the writer of this file alone.
    deepEqual(columns, [...moved, 'tally.batch'].sort(byBytes));
    database.close();
  });
});

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
