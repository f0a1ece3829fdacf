import { deepEqual, equal, ok } from 'node:assert/strict';
import { type Bar, Screen } from '../../examples/quickstart/screen.ts';

const bars: Bar[] = [12, 3, 0].map((count, index) => ({
  name: `n${index + 1}`,
  caption: 'priority 5',
  count,
  note: index === 1 ? 'killed' : '',
}));

function record(options: { isTTY?: boolean; columns?: number }, env: Record<string, string> = {}) {
  const written: string[] = [];
  const screen = new Screen({ ...options, write: (text) => written.push(text) }, env);
  return { screen, text: () => written.join('') };
}

/** Without what a terminal does not show. */
function visible(text: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences are what it takes out.
  return text.replaceAll(/\u001b\[\d*[A-Za-z]|\r/g, '').split('\n');
}

describe('the screen of the quickstart', () => {
  for (const columns of [30, 40, 80, 200]) {
    it(`draws bars that fit a terminal of ${columns} columns`, () => {
      const { screen, text } = record({ isTTY: true, columns });
      screen.chart(12).finish(bars, '12 sent, 12 answered, 0 open');
      const longest = Math.max(...visible(text()).map((line) => line.length));
      ok(longest < Math.min(columns, 80), `${longest} columns`);
    });
  }

  it('draws in place on a terminal, and only when something has changed', () => {
    const { screen, text } = record({ isTTY: true, columns: 80 });
    const chart = screen.chart(12);
    chart.draw(bars, 'a');
    const once = text();
    chart.draw(bars, 'a');
    equal(text(), once);
    chart.finish(bars, 'b');
    ok(text().includes('\u001b[4A\r\u001b[2K'));
  });

  it('prints bars once, at the end, where it cannot draw in place', () => {
    for (const { screen, text } of [record({}), record({ isTTY: true }, { TERM: 'dumb' })]) {
      const chart = screen.chart(12);
      chart.draw(bars, 'running');
      chart.finish(bars, 'done');
      ok(!text().includes('\u001b') && !text().includes('running'));
      deepEqual(visible(text()).filter((line) => line.includes('n1')).length, 1);
    }
  });

  it('keeps bars in proportion', () => {
    const { screen, text } = record({ columns: 80 });
    screen.chart(12).finish(bars, '');
    const lengths = visible(text()).map((line) => line.split('#').length - 1);
    deepEqual(lengths.slice(1, 4), [48, 12, 0]);
  });

  it('uses colours on a terminal, unless NO_COLOR is set', () => {
    const coloured = record({ isTTY: true });
    coloured.screen.title('x');
    ok(coloured.text().includes('\u001b[1m'));
    const plain = record({ isTTY: true }, { NO_COLOR: '1' });
    plain.screen.title('x');
    plain.screen.verdict(true, 'kept');
    equal(plain.text(), '\nx\n  ok  kept\n');
  });

  it('wraps what it says, and shows a stanza element by element', () => {
    const { screen, text } = record({ columns: 20 });
    screen.say('one two three four five six');
    screen.stanza('<a><b>c</b><d/></a>');
    equal(text(), 'one two three four\nfive six\n\n    <a>\n      <b>c</b>\n      <d/>\n    </a>\n\n');
  });

  it('says nothing more once muted, save the last word', () => {
    const { screen, text } = record({});
    screen.mute();
    screen.say('x');
    screen.last('end');
    equal(text(), '\nend\n');
  });
});
