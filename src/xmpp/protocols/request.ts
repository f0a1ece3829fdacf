import type { Element } from 'ltx';
import type { IqRequest } from '../../core/envelope.ts';
import { namespaceOf } from '../codec/namespace-check.ts';
import { ns } from '../codec/namespaces.ts';
import { readCommand } from './adhoc.ts';
import { readCmr } from './cmr.ts';
import { readDiscoInfo, readDiscoItems } from './disco.ts';
import { readLast } from './last.ts';
import { readPing } from './ping.ts';
import type { RequestReader } from './request-reader.ts';
import { readTime } from './time.ts';
import { transferReader } from './transfer.ts';
import { readVersion } from './version.ts';

/** Which protocol reads which namespace. */
const readers: ReadonlyMap<string, RequestReader> = new Map([
  [ns.ping, readPing],
  [ns.version, readVersion],
  [ns.discoInfo, readDiscoInfo],
  [ns.discoItems, readDiscoItems],
  [ns.cmr, readCmr],
  [ns.commands, readCommand],
  [ns.last, readLast],
  [ns.time, readTime],
  [ns.transfer, transferReader('cxfr')],
  [ns.oldTransfer, transferReader('srvxfr')],
]);

/** What the only child of an IQ request asks of us. */
export function readRequest(child: Element, type: 'get' | 'set'): IqRequest {
  const namespace = namespaceOf(child) ?? '';
  const reader = readers.get(namespace);
  if (reader === undefined) return { name: 'unknown', namespace };
  return reader(child, type) ?? { name: 'wrong-element', namespace };
}
