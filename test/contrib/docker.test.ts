import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { loadConfig } from '../../src/config/load.ts';
import { findProgram } from '../support/servers/daemon.ts';
import { skip } from '../support/skip.ts';
import { contrib } from './monitoring-files.ts';

const home = fileURLToPath(new URL('../../', import.meta.url));
const docker = `${contrib}docker/`;
const read = (name: string): string => readFileSync(docker + name, 'utf8');

/** What the build in the container gets to see. */
function sent(): string[] {
  const lines = read('Dockerfile.dockerignore')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  equal(lines[0], '*');
  return lines.slice(1).map((line) => line.slice(1));
}

describe('the image', () => {
  const stages = read('Dockerfile')
    .split(/^FROM /m)
    .slice(1);
  const last = stages.at(-1) ?? '';
  const entrypoint = z.array(z.string()).parse(JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(last)?.[1] ?? '[]'));

  it('is made from a base pinned by version, and runs as nobody in particular', () => {
    match(read('Dockerfile'), /^ARG NODE_IMAGE=node:\d+\.\d+\.\d+-[a-z]+-slim$/m);
    ok(stages.length === 2 && stages.every((stage) => stage.startsWith('{NODE_IMAGE}', 1)));
    match(last, /^USER 1000:1000$/m);
    match(last, /^HEALTHCHECK /m);
    match(last, /^STOPSIGNAL SIGTERM$/m);
    // What would be words of a shell does not get the signals.
    deepEqual(entrypoint.at(-1), '/opt/switchyard/dist/main.js');
    ok(!/^(?:ADD|ONBUILD) |apt-get|:latest/m.test(last));
  });

  it('runs the router as the unit of systemd does, with what Node knows', () => {
    const unit = readFileSync(`${contrib}switchyard.service`, 'utf8');
    const [, ...started] = /^ExecStart=(.*) run$/m.exec(unit)?.[1]?.split(' ') ?? [];
    const [program, ...rest] = entrypoint;
    equal(program, 'node');
    deepEqual(rest, started);
    const flags = rest.slice(0, -1);
    ok(flags.length > 0);
    const { status, stderr } = spawnSync(process.execPath, [...flags, '--eval', ''], { encoding: 'utf8' });
    deepEqual([status, stderr], [0, '']);
  });

  it('takes from the build only what there is', () => {
    const copied = [...last.matchAll(/^COPY --from=build (.*) \S+$/gm)].flatMap(([, paths = '']) => paths.split(' '));
    const missing = copied.filter((path) => !existsSync(join(home, path.replace('/build/', ''))));
    deepEqual(missing, []);
  });

  it('is built from what the ignore file lets through', function () {
    this.timeout(120_000);
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-image-'));
    try {
      for (const path of sent().filter((one) => existsSync(join(home, one)))) {
        mkdirSync(dirname(join(folder, path)), { recursive: true });
        cpSync(join(home, path), join(folder, path), { recursive: true });
      }
      // As `npm ci` would have it.
      symlinkSync(join(home, 'node_modules'), join(folder, 'node_modules'));
      const built = spawnSync('npm', ['run', 'build'], { cwd: folder, encoding: 'utf8' });
      equal(built.status, 0, built.stdout + built.stderr);
      const version = spawnSync(process.execPath, ['dist/main.js', '--version'], { cwd: folder, encoding: 'utf8' });
      match(version.stdout, /^\d+\.\d+\.\d+\n$/, version.stderr);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('is told healthy by a check that can fail', () => {
    const command = /^HEALTHCHECK .*\n +CMD (\[.*\])$/m.exec(last)?.[1] ?? '[]';
    const [, ...words] = z.array(z.string()).parse(JSON.parse(command));
    // Nobody listens at the port of this machine, or somebody who lives.
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    ok(status === 0 || status === 1, stderr);
    equal(stderr, '');
  });
});

describe('compose.yaml', () => {
  it('has settings for the router that load', () => {
    const env = { SWITCHYARD_COMPONENT__SECRET: 'a-secret-for-the-test' };
    const { config } = loadConfig({ file: `${docker}component.config.json`, env });
    equal(config.component.service.host, 'prosody');
    deepEqual(
      config.service.pools.map(({ name }) => name),
      ['jobs'],
    );
  });

  it('has settings for Prosody that it understands', function () {
    const prosodyctl = findProgram('prosodyctl') ?? skip(this, 'prosody is not installed');
    const { status, stdout, stderr } = spawnSync(
      prosodyctl,
      ['--config', `${docker}prosody.cfg.lua`, 'check', 'config'],
      { encoding: 'utf8', env: { ...process.env, COMPONENT_SECRET: 'a-secret-for-the-test' } },
    );
    equal(status, 0, stdout + stderr);
    match(stdout, /All checks passed/);
  });

  it('gives both the same secret, shuts the router in, and opens nothing to other machines', () => {
    const text = read('compose.yaml');
    equal(text.match(/\$\{COMPONENT_SECRET:\?/g)?.length, 2);
    for (const line of ['read_only: true', 'cap_drop: [ALL]', "security_opt: ['no-new-privileges:true']"]) {
      ok(text.includes(`    ${line}\n`), line);
    }
    const ports = [...text.matchAll(/ports: \[(.*)\]/g)].map(([, list]) => list);
    deepEqual(ports, ["'127.0.0.1:5222:5222'", "'127.0.0.1:8600:8600'"]);
    ok(!/image: \S+:latest|FROM \S+:latest/.test(text));
  });
});
