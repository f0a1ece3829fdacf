import { deepEqual, equal, ok } from 'node:assert/strict';
import { pageInput, pageOfAnswer } from '../../../src/core/adhoc/paging.ts';
import { tellRows, tellValues } from '../../../src/core/adhoc/telling.ts';
import type { Command } from '../../../src/core/commands/command.ts';
import { commands } from '../../../src/core/commands/perform.ts';

function command(name: string): Command {
  const found = commands.get(name);
  ok(found !== undefined);
  return found;
}

const start = { skip: 0, after: undefined };
const messages = (from: number, count: number) => Array.from({ length: count }, (_, n) => ({ id: `m${from + n}` }));

describe('ad-hoc commands: pages of an answer', () => {
  it('go on after the last message that was shown, where there are more', () => {
    const list = command('queue.list');
    const first = pageOfAnswer(list, start, { messages: messages(0, 5), more: true }, 5);
    deepEqual([first.following, first.count], [{ skip: 5, after: 'm4' }, undefined]);
    deepEqual(pageInput(list, { skip: 5, after: 'm4' }, 5), { after: 'm4', limit: 5 });
    const last = pageOfAnswer(list, { skip: 5, after: 'm4' }, { messages: messages(5, 2), more: false }, 5);
    deepEqual([last.rows.length, last.following], [2, undefined]);
  });

  it('leave nothing out when they are made shorter', () => {
    const short = pageOfAnswer(command('queue.list'), start, { messages: messages(0, 5), more: false }, 2);
    deepEqual(short.following, { skip: 2, after: 'm1' });
  });

  it('end where nothing comes, whatever the answer says of more', () => {
    equal(pageOfAnswer(command('queue.list'), start, { messages: [], more: true }, 5).following, undefined);
    equal(pageOfAnswer(command('workers.list'), start, { workers: [], total: 9 }, 5).following, undefined);
  });
});

describe('ad-hoc commands: answers for people', () => {
  const list = command('queue.list');

  it('have a line for each row, whatever the names in it hold', () => {
    const { forms } = tellRows(list, [{ id: 'a\nb   x', state: 'ready' }], '', false, 100);
    deepEqual(forms[0]?.fields[0]?.values, ['Id     State', 'a b x  ready']);
    deepEqual(forms[1]?.table?.rows[0]?.slice(0, 2), ['a\nb   x', 'ready']);
  });

  it('say that they are cut', () => {
    const told = tellRows(list, [{ id: 'abcdef' }], '', false, 3);
    deepEqual([told.cut, told.forms[1]?.table?.rows[0]?.[0]], [true, 'abc…']);
    const show = command('queue.show');
    const message = tellValues(
      show,
      { id: 'a', content: '<body>one\ntwo</body>', history: [{ n: 1 }, { n: 2 }] },
      '',
      7,
    );
    deepEqual(
      message.forms[0]?.fields.map(({ name, kind, values }) => [name, kind, ...values]),
      [
        ['id', 'text-single', 'a'],
        ['history', 'text-multi', 'n: 1', 'n: 2'],
        ['content', 'text-multi', '<body>o…', 'two</bo…'],
      ],
    );
    equal(message.cut, true);
  });
});
