import type { Element } from 'ltx';
import { prepareDomain } from '../../core/address/jid.ts';
import { formatDestination, parseDestination } from '../../core/transfer/destination.ts';
import type { TransferForm, TransferOrder } from '../../core/transfer/order.ts';
import { escapeText } from '../codec/escape.ts';
import { ns } from '../codec/namespaces.ts';
import type { RequestReader } from './request-reader.ts';

const namespaces = { cxfr: ns.transfer, srvxfr: ns.oldTransfer } as const;

/** Reads `<query/>` of XEP-0051 section 2; `form` says of which version. */
export function transferReader(form: TransferForm): RequestReader {
  return (child, type) =>
    type === 'set' && child.getName() === 'query' ? { name: 'transfer', order: readOrder(child, form) } : undefined;
}

/** `<query/>` of XEP-0051 section 2. */
export function writeTransfer({ form, domain, server }: TransferOrder): string {
  const login = domain === undefined ? '' : `<domain>${escapeText(domain)}</domain>`;
  return `<query xmlns='${namespaces[form]}'>${login}<server>${escapeText(formatDestination(server))}</server></query>`;
}

/** `undefined` for what cannot be followed: no `<server/>`, two of a kind, or no name or address in one. */
function readOrder(query: Element, form: TransferForm): TransferOrder | undefined {
  const servers = textsOf(query, 'server');
  const domains = textsOf(query, 'domain');
  const [server = '', ...otherServers] = servers;
  const [domain, ...otherDomains] = domains;
  const destination = parseDestination(server);
  if (destination === undefined || otherServers.length + otherDomains.length > 0) return undefined;
  if (domain === undefined) return { form, domain: undefined, server: destination };
  const prepared = prepareDomain(domain.trim());
  return prepared.ok ? { form, domain: prepared.value, server: destination } : undefined;
}

function textsOf(query: Element, name: string): string[] {
  return query
    .getChildElements()
    .filter((child) => child.is(name, query.getNS()))
    .map((child) => (child.getChildElements().length === 0 ? child.getText() : ''));
}
