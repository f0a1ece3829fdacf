import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { programOf } from '../../src/cli/program.ts';
import { blocksOf } from './markdown.ts';

const docs = join(import.meta.dirname, '../../docs');

/** Every `switchyard ...` that stands in a block of shell, without its comment. */
function commandLines(markdown: string): readonly string[] {
  return blocksOf(markdown)
    .filter(({ language }) => language === 'sh')
    .flatMap(({ text }) => text.split('\n'))
    .filter((line) => line.startsWith('switchyard '))
    .map((line) => line.replace(/\s+(?:#|>).*$/, ''));
}

/** The words of a line as a shell splits it; no more of a shell is used there. */
function wordsOf(line: string): readonly string[] {
  return [...line.matchAll(/'([^']*)'|((?:\$\([^)]*\)|\S)+)/g)].map(([, quoted, bare = '']) => quoted ?? bare).slice(1);
}

/** Why the command line does not take these words, or `undefined`. */
async function problemOf(words: readonly string[]): Promise<string | undefined> {
  const program = programOf(() => undefined);
  const all = (command: Command): Command[] => [command, ...command.commands.flatMap(all)];
  for (const command of all(program)) {
    command.configureOutput({ writeErr: () => undefined });
    if (command.commands.length === 0) command.action(() => undefined);
  }
  try {
    await program.parseAsync(words, { from: 'user' });
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe('command lines in the documents', () => {
  const pages = readdirSync(docs).filter((name) => name.endsWith('.md'));

  it('are found', () => {
    const lines = pages.flatMap((page) => commandLines(readFileSync(join(docs, page), 'utf8')));
    assert.ok(lines.length > 20, `${lines.length}`);
    assert.deepEqual(wordsOf('switchyard pools edit night --settings \'{"a": 1}\''), [
      'pools',
      'edit',
      'night',
      '--settings',
      '{"a": 1}',
    ]);
  });

  it('are told from those that are wrong', async () => {
    for (const wrong of ['pools lists', 'queue show jobs', 'top --sort colour', 'workers drain a --nothing']) {
      assert.notEqual(await problemOf(wrong.split(' ')), undefined, wrong);
    }
  });

  for (const page of pages) {
    it(`${page}: are taken`, async () => {
      for (const line of commandLines(readFileSync(join(docs, page), 'utf8'))) {
        assert.equal(await problemOf(wordsOf(line)), undefined, line);
      }
    });
  }
});
