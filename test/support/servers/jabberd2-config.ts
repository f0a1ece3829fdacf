import type { ServerOptions } from './xmpp-server.ts';

/** What the three configuration files of a jabberd2 need to know. */
export interface Jabberd2Plan {
  readonly folder: string;
  readonly domain: string;
  readonly c2sPort: number;
  readonly componentPort: number;
  readonly options: ServerOptions;
}

/** For the session manager and the listener for clients, which attach to the router as components of its own kind. */
const inner = { user: 'jabberd', password: 'inner' };

/** The tables that the modules below use. */
export const jabberd2Schema = `
CREATE TABLE authreg (username TEXT NOT NULL, realm TEXT NOT NULL, password TEXT);
CREATE TABLE active ("collection-owner" TEXT NOT NULL, "object-sequence" INTEGER PRIMARY KEY,
  time INTEGER NOT NULL DEFAULT 0);
CREATE TABLE queue ("collection-owner" TEXT NOT NULL, "object-sequence" INTEGER PRIMARY KEY, xml TEXT NOT NULL);
CREATE TABLE "roster-items" ("collection-owner" TEXT NOT NULL, "object-sequence" INTEGER PRIMARY KEY,
  jid TEXT NOT NULL, name TEXT, "to" BOOLEAN NOT NULL, "from" BOOLEAN NOT NULL, ask INTEGER NOT NULL);
CREATE TABLE "roster-groups" ("collection-owner" TEXT NOT NULL, "object-sequence" INTEGER PRIMARY KEY,
  jid TEXT NOT NULL, "group" TEXT NOT NULL);
`;

const log = ({ folder }: Jabberd2Plan, part: string): string =>
  `<pidfile>${folder}/${part}.pid</pidfile><log type='file'><file>${folder}/${part}.log</file></log>`;

const toRouter = ({ componentPort }: Jabberd2Plan): string =>
  `<router><ip>127.0.0.1</ip><port>${componentPort}</port><user>${inner.user}</user><pass>${inner.password}</pass>
  <retry><init>50</init><lost>50</lost><sleep>1</sleep></retry></router>`;

const database = ({ folder }: Jabberd2Plan): string =>
  `<sqlite><dbname>${folder}/jabberd2.db</dbname><busy-timeout>30000</busy-timeout>
  <password_type><plaintext/></password_type></sqlite>`;

/** The router: components attach here, with one secret for all of them. */
export function routerXml(plan: Jabberd2Plan): string {
  const [secret = 'none'] = Object.values(plan.options.components ?? {});
  return `<router><id>router</id>${log(plan, 'router')}
  <local><ip>127.0.0.1</ip><port>${plan.componentPort}</port>
  <users>${plan.folder}/router-users.xml</users><secret>${escaped(secret)}</secret></local>
  <io><max_fds>1024</max_fds></io>
  <aci><acl type='all'><user>${inner.user}</user></acl></aci></router>\n`;
}

/** Who may attach as a part of the server itself. */
export const routerUsers = `<users><user><name>${inner.user}</name><secret>${inner.password}</secret></user></users>\n`;

/** The session manager. Without `auto-create` an account without a row in \`active\` gets no session. */
export function smXml(plan: Jabberd2Plan): string {
  const offline = plan.options.offline === true ? ['offline'] : [];
  const chain = (id: string, names: readonly string[]): string =>
    `<chain id='${id}'>${names.map((name) => `<module>${name}</module>`).join('')}</chain>`;
  return `<sm><id>sm</id>${toRouter(plan)}${log(plan, 'sm')}
  <local><id>${plan.domain}</id></local>
  <storage><driver>sqlite</driver>${database(plan)}</storage>
  <modules>
  ${chain('in-sess', ['validate', 'roster', 'iq-ping', 'disco', ...offline, 'presence', 'deliver'])}
  ${chain('in-router', ['session', 'validate', 'presence'])}
  ${chain('pkt-sm', ['iq-ping', 'disco', 'presence'])}
  ${chain('pkt-user', ['roster', 'presence', 'disco', 'deliver', ...offline])}
  ${chain('pkt-router', ['session', 'disco'])}
  ${chain('user-load', ['active', 'roster'])}
  ${chain('user-create', ['active'])}
  ${chain('user-delete', ['active', 'roster'])}
  </modules>
  <user><auto-create/></user></sm>\n`;
}

/** The listener for clients. Without TLS only PLAIN is of use to a modern client. */
export function c2sXml(plan: Jabberd2Plan): string {
  const { clientStanzaLimit = 65_535 } = plan.options;
  return `<c2s><id>c2s</id>${toRouter(plan)}${log(plan, 'c2s')}
  <local><id>${plan.domain}</id><ip>127.0.0.1</ip><port>${plan.c2sPort}</port></local>
  <io><max_fds>1024</max_fds><limits><stanzas>0</stanzas><stanzasize>${clientStanzaLimit}</stanzasize></limits></io>
  <authreg><module>sqlite</module>
  <mechanisms><sasl><plain/></sasl></mechanisms>${database(plan)}</authreg></c2s>\n`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
