import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'mocha';
import { ConfigError } from '../../../src/config/issue.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { fileProblem } from '../../../src/config/secret.ts';
import { inFolder, lines, minimal, refusal, withComponent } from './fixture.ts';

function problemOf(file: string): string {
  try {
    loadConfig({ file });
  } catch (error) {
    if (error instanceof ConfigError) {
      return error.issues.map(({ path, problem, suggestion }) => `${path} | ${problem} | ${suggestion}`).join('\n');
    }
    throw error;
  }
  throw new Error('The file was not refused.');
}

describe('a configuration file', () => {
  it('that is missing is told', () => {
    inFolder((folder) =>
      assert.equal(
        problemOf(join(folder, 'none.json')),
        ' | There is no such file. | Name a file that can be read with --config, or create it from the example of the documentation.',
      ),
    );
  });

  it('that is a directory is told', () => {
    inFolder((folder) =>
      assert.equal(
        problemOf(folder),
        ' | This is a directory, not a file. | Name a file that can be read with --config.',
      ),
    );
  });

  it('that cannot be read is told', () => {
    inFolder((folder) => {
      const loop = join(folder, 'loop');
      symlinkSync(loop, loop);
      assert.equal(
        problemOf(loop),
        ' | The file cannot be read (ELOOP). | Name a file that can be read with --config.',
      );
    });
    assert.equal(fileProblem('EACCES'), 'The file cannot be read: permission denied.');
  });

  it('that is empty is told', () => {
    assert.deepEqual(lines(''), [
      ' |  | The file is empty. | Write a configuration into it; begin with the example of the documentation. | file c.json',
    ]);
    assert.deepEqual(lines('\n \n'), [
      ' |  | The file is empty. | Write a configuration into it; begin with the example of the documentation. | file c.json',
    ]);
  });

  it('with a byte order mark is told', () => {
    assert.deepEqual(lines('\ufeff{}'), [
      ' |  | The file begins with a byte order mark. | Save it as UTF-8 without a byte order mark. | file c.json',
    ]);
    inFolder((folder) => {
      const file = join(folder, 'c.json');
      writeFileSync(file, Buffer.from('\ufeff{}', 'utf16le'));
      assert.match(problemOf(file), /begins with a byte order mark/);
    });
  });

  it('that is not UTF-8 is told', () => {
    inFolder((folder) => {
      const file = join(folder, 'c.json');
      writeFileSync(file, Buffer.from([0x7b, 0xe4, 0x7d]));
      assert.equal(problemOf(file), ' | The file is not UTF-8 text. | Save it as UTF-8.');
    });
  });

  it('with another type at the top is told', () => {
    for (const [text, found] of [
      ['[]', 'an empty list'],
      ['null', 'null'],
      ['"x"', 'a text (not shown)'],
      ['5', 'a number (not shown)'],
    ]) {
      assert.deepEqual(lines(text ?? ''), [
        ` | ${found ?? ''} | This is not an object. | Write an object, such as { "component": {}, "pools": {} }. | file c.json:1`,
      ]);
    }
  });

  it('with a mistake in JSON is told with its line, and the line is shown up to it', () => {
    const text = '{\n  "component": {\n\t"domain": "a.b", "port": 5 "secret": "s3cret"\n  }\n}';
    assert.equal(
      refusal(text).message.replace(/file .*\//, 'file '),
      [
        'The configuration has one error:',
        '- file c.json:3:29: Expected a comma or }, found a double quote.',
        '     "domain": …, "port": … ',
        '                            ^',
        '    Put a comma between two keys.',
      ].join('\n'),
    );
  });

  it('with a key twice is told with both lines', () => {
    const text = '{\n"log": { "level": "info" },\n"component": {},\n"log": {}\n}';
    assert.equal(
      lines(text)[0],
      'log | the key a second time | It stands in line 2 already. | Remove one of the two. | file c.json:4',
    );
  });
});

describe('the file of the secret', () => {
  /** Loads with a file `s` that holds `content`. */
  function secretFrom(content: string, mode = 0o600) {
    return inFolder((folder) => {
      writeFileSync(join(folder, 's'), content);
      chmodSync(join(folder, 's'), mode);
      writeFileSync(join(folder, 'c.json'), JSON.stringify(withComponent({ secret: undefined, secretFile: 's' })));
      return loadConfig({ file: join(folder, 'c.json') });
    });
  }

  it('stands beside the configuration, and its last line break is not part of it', () => {
    for (const [content, secret] of [
      ['abc', 'abc'],
      ['abc\n', 'abc'],
      ['abc\r\n', 'abc'],
      [' abc ', ' abc '],
      ['gehe\u00efm', 'gehe\u00efm'],
    ]) {
      assert.equal(secretFrom(content ?? '').config.component.secret, secret);
    }
  });

  it('is named as the place of the secret', () => {
    assert.match(secretFrom('abc').config.component.secretFrom, /^component\.secretFile \(\/.*\/s\)$/);
  });

  it('must hold one line', () => {
    assert.throws(() => secretFrom(''), /found "s"\. The file is empty\.\n {4}Write the secret into it\./);
    assert.throws(() => secretFrom('\n'), /The file is empty\./);
    assert.throws(() => secretFrom('a\nb\n'), /The file has more than one line\./);
  });

  it('must be a file that can be read', () => {
    assert.match(
      lines(withComponent({ secret: undefined, secretFile: 'none' }))[0] ?? '',
      /^component\.secretFile \| "none" \| There is no such file\./,
    );
    assert.match(
      lines(withComponent({ secret: undefined, secretFile: '.' }))[0] ?? '',
      /This is a directory, not a file\./,
    );
  });

  it('should not be readable by everyone', () => {
    assert.deepEqual(secretFrom('abc', 0o640).warnings, []);
    assert.deepEqual(
      secretFrom('abc', 0o644).warnings.map(({ path, problem, suggestion }) => [path, problem, suggestion]),
      [['component.secretFile', 'Every user of this machine can read the file.', 'Take that right away (chmod o-r).']],
    );
  });

  it('is not needed when the configuration file itself is kept from others', () => {
    inFolder((folder) => {
      const file = join(folder, 'c.json');
      writeFileSync(file, JSON.stringify(minimal));
      chmodSync(file, 0o600);
      assert.deepEqual(loadConfig({ file }).warnings, []);
      chmodSync(file, 0o644);
      assert.deepEqual(
        loadConfig({ file }).warnings.map(({ path, problem }) => [path, problem]),
        [['component.secret', 'Every user of this machine can read the configuration file.']],
      );
    });
  });
});

describe('relative paths', () => {
  it('start from the folder of the file', () => {
    inFolder((folder) => {
      mkdirSync(join(folder, 'etc'));
      const file = join(folder, 'etc', 'c.json');
      writeFileSync(file, JSON.stringify({ ...minimal, store: { file: '../x.db' } }));
      assert.deepEqual(loadConfig({ file }).config.store, { driver: 'sqlite', file: join(folder, 'x.db') });
      const env = { SWITCHYARD_STORE__FILE: 'y.db' };
      assert.deepEqual(loadConfig({ file, env }).config.store, { driver: 'sqlite', file: join(folder, 'etc', 'y.db') });
    });
  });

  it('start from the working directory without a file', () => {
    const env = { SWITCHYARD_COMPONENT: JSON.stringify(minimal.component) };
    assert.deepEqual(loadConfig({ env }).config.store, {
      driver: 'sqlite',
      file: join(process.cwd(), 'data/switchyard.db'),
    });
  });
});
