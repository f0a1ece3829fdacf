import { deepEqual, equal } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Command, Option } from 'commander';
import { completionScript } from '../../../src/cli/completion.ts';

/** What bash offers for the last of these words. */
function offered(script: string, ...words: readonly string[]): string[] {
  const ask = `COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _switchyard; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['--norc', '-c', `${script}\n${ask}`, 'bash', ...words], { encoding: 'utf8' });
  return out.split('\n').filter((line) => line !== '');
}

describe('completion', () => {
  const program = new Command('switchyard').version('1', '-V, --version');
  const list = new Command('list')
    .addOption(new Option('--state <state>', 'in this state').choices(['ready', 'dead']))
    .option('-c, --config <file>', 'where')
    .option('--json', 'for machines');
  program.addCommand(new Command('queue').addCommand(list)).addCommand(new Command('run'));
  const script = completionScript(program);

  it('offers commands, what is below them, and options', () => {
    deepEqual(offered(script, 'switchyard', ''), ['queue', 'run', '--version', '-V', '--help', '-h']);
    deepEqual(offered(script, 'switchyard', 'qu'), ['queue']);
    deepEqual(offered(script, 'switchyard', 'queue', 'list', '--'), ['--state', '--config', '--json', '--help']);
    deepEqual(offered(script, 'switchyard', 'queue', 'list', 'some', '--j'), ['--json']);
  });

  it('offers the values of an option, and files', () => {
    deepEqual(offered(script, 'switchyard', 'queue', 'list', '--state', 'r'), ['ready']);
    deepEqual(offered(script, 'switchyard', 'queue', 'list', '-c', '/etc/hostn'), ['/etc/hostname']);
    deepEqual(offered(script, 'switchyard', 'queue', 'list', '--json', '--s'), ['--state']);
  });

  it('is a script that bash takes', () => {
    equal(execFileSync('bash', ['-n'], { input: script, encoding: 'utf8' }), '');
  });
});
