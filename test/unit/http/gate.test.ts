import { deepEqual, equal } from 'node:assert/strict';
import { type Asked, Gate } from '../../../src/http/gate.ts';
import type { ListenAddress } from '../../../src/http/listen-address.ts';

const loopback: ListenAddress = { kind: 'tcp', host: '127.0.0.1', port: 8600 };
const everywhere: ListenAddress = { kind: 'tcp', host: '0.0.0.0', port: 8600 };
const named: ListenAddress = { kind: 'tcp', host: 'Router.internal', port: 8600 };
const socket: ListenAddress = { kind: 'unix', path: '/run/s.sock' };
const listeners: readonly ListenAddress[] = [loopback, socket];
const hosts = ['ops.example.org', 'dash.example.org:8443'];

function statusOf(address: ListenAddress, headers: Readonly<Record<string, string>>, asked: Asked = 'api') {
  return new Gate({ address, hosts }).refusalFor({ headers }, asked)?.status;
}

describe('http: names by which the server is asked', () => {
  it('are its address, loopback, any IP address, and what the configuration adds', () => {
    for (const host of [
      'localhost',
      'LocalHost:8600',
      '127.0.0.1:8600',
      '[::1]:8600',
      '[::1]',
      '192.0.2.7',
      '10.0.0.1:1',
    ]) {
      equal(statusOf(loopback, { host }), undefined, host);
    }
    for (const host of ['ops.example.org', 'OPS.example.org:9', 'dash.example.org', 'dash.example.org:8443']) {
      equal(statusOf(loopback, { host }), undefined, host);
    }
    equal(statusOf(named, { host: 'router.internal:8600' }), undefined);
    equal(statusOf(loopback, { host: 'router.internal:8600' }), 421);
  });

  it('are no others: somebody else may let his name point to us', () => {
    for (const host of [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      'localhost.',
      'x@localhost',
      '',
      ':8600',
      '[evil]',
      '[::1',
      '127.0.0.1:80:90',
      'ops.example.org.evil',
    ]) {
      for (const asked of ['api', 'file', 'probe'] as const) {
        equal(statusOf(loopback, { host }, asked), 421, `${host} ${asked}`);
      }
      equal(statusOf(everywhere, { host }), 421, host);
    }
  });

  it('are not asked for where no browser can be: on a socket, in HTTP 1.0, or by probes of the network', () => {
    equal(statusOf(socket, { host: 'whatever' }), undefined);
    equal(statusOf(loopback, {}), undefined);
    deepEqual(
      (['probe', 'file', 'api'] as const).map((asked) => statusOf(everywhere, { host: 'router:8600' }, asked)),
      [undefined, 421, 421],
    );
  });
});

describe('http: pages that ask', () => {
  it('are ours when they come from the host that is asked, or from one of the configuration', () => {
    for (const [host, origin] of [
      ['localhost:8600', 'http://localhost:8600'],
      ['LOCALHOST:8600', 'http://localhost:8600'],
      ['ops.example.org', 'https://ops.example.org'],
      ['127.0.0.1:8600', 'https://ops.example.org'],
      ['127.0.0.1:8600', 'https://dash.example.org:8443'],
      ['[::1]:8600', 'http://[::1]:8600'],
    ] as const) {
      equal(statusOf(loopback, { host, origin }), undefined, origin);
    }
  });

  it('are foreign from anywhere else, on a socket behind a proxy too', () => {
    for (const origin of [
      'null',
      '',
      'http://localhost:3000',
      'http://localhost',
      'http://127.0.0.1:8600',
      'https://evil.example',
      'https://ops.example.org:1',
      'https://dash.example.org',
      'https://ops.example.org.evil.example',
      'file://localhost:8600',
      'chrome-extension://localhost:8600',
      'http://user@localhost:8601',
    ]) {
      for (const address of listeners) {
        for (const asked of ['api', 'file', 'probe'] as const) {
          equal(statusOf(address, { host: 'localhost:8600', origin }, asked), 403, origin);
        }
      }
    }
  });

  it('are told by browsers also where they name no origin', () => {
    const host = 'localhost:8600';
    for (const [site, status] of [
      ['cross-site', 403],
      ['same-site', 403],
      ['same-origin', undefined],
      ['none', undefined],
    ] as const) {
      equal(statusOf(loopback, { host, 'sec-fetch-site': site }), status, site);
      // A link to the console may stand anywhere.
      equal(statusOf(loopback, { host, 'sec-fetch-site': site }, 'file'), undefined, site);
    }
  });
});
