import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { readConsole } from '../../../src/http/console-files.ts';
import { HttpServer } from '../../../src/http/server.ts';
import { exchange, openRequest } from '../../support/clients/http-client.ts';
import { httpOptions } from '../../support/router/http-options.ts';

const page = '<!doctype html><title>Console</title>';
const script = 'export const text = "again and again";\n'.repeat(100);

describe('http: the console', () => {
  let folder: string;
  let server: HttpServer;
  let listen: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'switchyard-console-'));
    const files = join(folder, 'console');
    mkdirSync(join(files, 'assets'), { recursive: true });
    writeFileSync(join(folder, 'secret.txt'), 'secret');
    writeFileSync(join(files, 'index.html'), page);
    writeFileSync(join(files, 'icon.svg'), '<svg/>');
    writeFileSync(join(files, 'assets', 'index-1a2b.js'), script);
    writeFileSync(join(files, 'assets', 'odd.bin'), Buffer.from([0, 1, 2]));
    symlinkSync(join(folder, 'secret.txt'), join(files, 'link.txt'));
    server = new HttpServer({ ...httpOptions, console: files });
    listen = await server.start();
  });
  after(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The bytes of an answer. */
  async function bytesOf(path: string, headers: Readonly<Record<string, string>>) {
    const response = await openRequest(listen, { path, headers });
    const chunks: Buffer[] = [];
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
    return { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
  }

  it('is where a browser comes that is given the address alone', async () => {
    for (const path of ['/', '/console', '/?x', '/console?x']) {
      const { status, headers } = await exchange(listen, { path });
      deepEqual([status, headers['location']], [302, 'console/'], path);
    }
    const { status, headers, text } = await exchange(listen, { path: '/console/' });
    deepEqual([status, headers['content-type'], text], [200, 'text/html; charset=utf-8', page]);
    equal((await exchange(listen, { path: '/console/?pool=jobs' })).text, page);
  });

  it('may load nothing from elsewhere, and be framed by nobody', async () => {
    for (const path of ['/console/', '/console/assets/index-1a2b.js', '/console/nothing']) {
      const { headers } = await exchange(listen, { path });
      match(String(headers['content-security-policy']), /^default-src 'none'; .*frame-ancestors 'none'$/);
      deepEqual(
        ['x-content-type-options', 'referrer-policy', 'cross-origin-resource-policy'].map((name) => headers[name]),
        ['nosniff', 'no-referrer', 'same-origin'],
      );
    }
    const policy = String((await exchange(listen, { path: '/console/' })).headers['content-security-policy']);
    for (const part of ["script-src 'self'", "style-src 'self'", "connect-src 'self'", "form-action 'none'"]) {
      ok(policy.split('; ').includes(part), part);
    }
    ok(!/unsafe|https?:|\*/.test(policy));
  });

  it('is sent packed to whom that suits', async () => {
    const path = '/console/assets/index-1a2b.js';
    const cases: [string, string | undefined][] = [
      ['gzip, deflate, br', 'br'],
      ['GZIP', 'gzip'],
      ['br;q=0, gzip;q=0.5', 'gzip'],
      ['br;q=0.0,gzip; q=0', undefined],
      ['identity', undefined],
      ['', undefined],
    ];
    const tags = new Set<unknown>();
    for (const [accepted, coding] of cases) {
      const { headers, body } = await bytesOf(path, { 'accept-encoding': accepted });
      equal(headers['content-encoding'], coding, accepted);
      equal(headers['vary'], 'accept-encoding');
      equal(Number(headers['content-length']), body.length);
      const unpack = { br: brotliDecompressSync, gzip: gunzipSync }[coding ?? ''] ?? ((bytes: Buffer) => bytes);
      equal(unpack(body).toString(), script);
      tags.add(headers.etag);
    }
    equal(tags.size, 3);
    // What packing makes no smaller is not packed.
    equal((await bytesOf('/console/icon.svg', { 'accept-encoding': 'br' })).headers['content-encoding'], undefined);
  });

  it('is sent once only', async () => {
    const first = await exchange(listen, { path: '/console/' });
    equal(first.headers['cache-control'], 'no-cache');
    const tag = String(first.headers['etag']);
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const { status, text, headers } = await exchange(listen, {
        path: '/console/',
        headers: { 'if-none-match': known },
      });
      deepEqual([status, text, headers['etag']], [304, '', tag], known);
    }
    equal((await exchange(listen, { path: '/console/', headers: { 'if-none-match': '"x"' } })).status, 200);
    const asset = await exchange(listen, { path: '/console/assets/index-1a2b.js' });
    match(String(asset.headers['cache-control']), /immutable/);
  });

  it('is of the type that its name says', async () => {
    const typeOf = async (path: string) => (await exchange(listen, { path })).headers['content-type'];
    equal(await typeOf('/console/assets/index-1a2b.js'), 'text/javascript; charset=utf-8');
    equal(await typeOf('/console/icon.svg'), 'image/svg+xml');
    equal(await typeOf('/console/assets/odd.bin'), 'application/octet-stream');
  });

  it('can only be read', async () => {
    equal((await exchange(listen, { path: '/console/', method: 'POST', body: '{}' })).status, 405);
    equal(
      (await exchange(listen, { path: '/console/', method: 'GET', headers: { 'content-length': '2' }, body: '{}' }))
        .status,
      413,
    );
    const head = await exchange(listen, { path: '/console/', method: 'HEAD' });
    deepEqual([head.status, head.text, head.headers['content-length']], [200, '', String(page.length)]);
  });

  it('has no file but its own, whatever is asked for', async () => {
    const paths = [
      '../secret.txt',
      '..%2fsecret.txt',
      '%2e%2e/secret.txt',
      '..\\secret.txt',
      'assets/../../secret.txt',
      'assets/../index.html',
      './index.html',
      '/etc/passwd',
      'index.html%00',
      'link.txt',
      'assets',
      'assets/',
      '__proto__',
      'constructor',
      'INDEX.HTML',
    ];
    for (const path of paths) {
      const { status, text } = await exchange(listen, { path: `/console/${path}` });
      equal(status, 404, path);
      ok(!text.includes('secret'));
    }
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e%2e',
      '..%5c',
      'assets',
      'secret.txt',
      'index.html',
      '',
      '%00',
      '~',
      'é',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(part, { maxLength: 6 }), async (parts) => {
        const { status, text } = await exchange(listen, { path: encodeURI(`/console/${parts.join('/')}`) });
        ok(status === 404 || text === page, String(status));
      }),
      { numRuns: 50 },
    );
  });

  it('says how it is made where it was not built, and costs nothing else when its folder cannot be read', async () => {
    const problems: unknown[] = [];
    const options = { ...httpOptions, onProblem: (problem: unknown) => problems.push(problem) };
    for (const console of ['/nonexistent', join(folder, 'secret.txt')]) {
      const bare = new HttpServer({ ...options, console });
      const at = await bare.start();
      const { status, code, text } = await exchange(at, { path: '/console/' });
      deepEqual([status, code], [404, 'not-built']);
      match(text, /npm run build/);
      equal((await exchange(at, { path: '/healthz' })).status, 200);
      await bare.stop();
    }
    equal(problems.length, 1);
    equal(await readConsole('/nonexistent'), undefined);
  });
});
