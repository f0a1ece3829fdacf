import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListenError, type ListenProblem } from '../../../src/http/listen-error.ts';
import { HttpServer } from '../../../src/http/server.ts';
import { httpOptions } from '../../support/router/http-options.ts';

function create(listen: string): HttpServer {
  return new HttpServer({ ...httpOptions, listen });
}

function refusal(problem: ListenProblem, advice: RegExp): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof ListenError);
    assert.equal(error.problem, problem);
    assert.match(error.message, advice);
    return true;
  };
}

async function statusOver(socketPath: string): Promise<number | undefined> {
  const request = httpRequest({ socketPath, path: '/healthz', agent: false }).end();
  const [response] = await once(request, 'response');
  response.resume();
  return response.statusCode;
}

/** Leaves a socket file behind that nobody listens on. */
async function leaveStale(path: string): Promise<void> {
  const code = `require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', code, path], { stdio: 'ignore' }), 'exit');
}

describe('http listen', () => {
  let folder: string;
  let path: string;
  const running: HttpServer[] = [];

  async function start(listen: string): Promise<string> {
    const server = create(listen);
    running.push(server);
    return server.start();
  }

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-http-'));
    path = join(folder, 'h.sock');
  });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((server) => server.stop()));
    rmSync(folder, { recursive: true });
  });

  it('tells that a port is in use, and what to do', async () => {
    const address = await start('127.0.0.1:0');
    assert.match(address, /^127\.0\.0\.1:[1-9]\d*$/);
    await assert.rejects(create(address).start(), refusal('in-use', /Another process has it.*http\.listen/));
  });

  it('can start after a failure, once the port is free', async () => {
    const first = create('127.0.0.1:0');
    const address = await first.start();
    const second = create(address);
    await assert.rejects(second.start(), refusal('in-use', /./));
    await first.stop();
    running.push(second);
    assert.equal(await second.start(), address);
  });

  it('tells an address that is none, and one that is not ours', async () => {
    await assert.rejects(create('8600').start(), refusal('invalid', /host:port/));
    await assert.rejects(create('192.0.2.1:0').start(), refusal('no-such-address', /no such address/));
    await assert.rejects(create(`unix:${folder}/none/h.sock`).start(), refusal('forbidden', /a folder that exists/));
  });

  it('serves a UNIX socket that only its owner may open, and removes it at the end', async () => {
    const mask = process.umask(0o022);
    assert.equal(await start(`unix:${path}`), `unix:${path}`);
    assert.equal(process.umask(mask), 0o022);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(await statusOver(path), 200);
    await running[0]?.stop();
    assert.ok(!existsSync(path));
  });

  it('takes the place of a socket that nobody listens on', async () => {
    await leaveStale(path);
    assert.ok(statSync(path).isSocket());
    await start(`unix:${path}`);
    assert.equal(await statusOver(path), 200);
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  it('leaves a socket alone that somebody listens on', async () => {
    await start(`unix:${path}`);
    await assert.rejects(create(`unix:${path}`).start(), refusal('in-use', /Another process/));
    assert.equal(await statusOver(path), 200);
  });

  it('leaves a file alone that is no socket', async () => {
    writeFileSync(path, 'precious');
    await assert.rejects(create(`unix:${path}`).start(), refusal('in-use', /h\.sock/));
    assert.equal(readFileSync(path, 'utf8'), 'precious');
  });
});
