import { DatabaseError } from 'pg';
import { StoreError } from '../error.ts';
import { codeOf, errorFor, type Meaning } from '../meaning.ts';

const login: Meaning = {
  kind: 'denied',
  problem: 'the server does not accept the role or its password',
  advice: 'Compare store.url and store.password with the role of the database, and see pg_hba.conf.',
};
const noDatabase: Meaning = {
  kind: 'denied',
  problem: 'there is no such database',
  advice: 'Create it (createdb), or name another in store.url.',
};
const noRight: Meaning = {
  kind: 'denied',
  problem: 'the role lacks a right',
  advice: 'Make the role the owner of the schema in store.schema, or of the database if it shall create the schema.',
};
const readOnly: Meaning = {
  kind: 'read-only',
  problem: 'the database takes no writes',
  advice: 'Name the primary in store.url, or see what made the database read-only.',
};
const full: Meaning = {
  kind: 'full',
  problem: 'the database has no room',
  advice: 'Free some space or memory on its machine; changes are taken again as soon as there is room.',
};
const crowded: Meaning = {
  kind: 'unreachable',
  problem: 'the database takes no more connections',
  advice: 'End some, or raise max_connections; Switchyard needs three for each instance.',
};
const away: Meaning = {
  kind: 'unreachable',
  problem: 'the database cannot be reached',
  advice: 'See that it runs, and that store.url leads to it. It is tried again.',
};
const untrusted: Meaning = {
  kind: 'unreachable',
  problem: 'the server did not prove by its certificate who it is',
  advice: 'Name the authority that signed it with sslrootcert in store.url, and the host as the certificate has it.',
};
const noTls: Meaning = {
  kind: 'unreachable',
  problem: 'the server does not offer TLS, and sslmode in store.url asks for it',
  advice:
    'Switch it on there (ssl = on, with a certificate); only on one machine or a trusted network write sslmode=disable.',
};
const noPostgres: Meaning = {
  kind: 'unreachable',
  problem: 'what answers there is not PostgreSQL, or cannot begin TLS',
  advice: 'Compare host and port in store.url with those of the database.',
};
const newer: Meaning = {
  kind: 'newer',
  problem: 'it was written by a newer Switchyard',
  advice: 'Install that version, or restore an older copy.',
};
const busy: Meaning = {
  kind: 'io',
  problem: 'the database did not do it in time',
  advice: 'See what else runs there, and for locks (pg_stat_activity, pg_locks).',
};
const corrupt: Meaning = {
  kind: 'corrupt',
  problem: 'the database is damaged',
  advice: 'See the log of PostgreSQL; restore a copy.',
};
const refused: Meaning = {
  kind: 'refused',
  problem: 'the database does not take this',
  advice: 'This is an error in Switchyard: please report it.',
};
const io: Meaning = { kind: 'io', problem: 'the database failed', advice: 'See the log of PostgreSQL.' };

/** By SQLSTATE, or by its class, the first two characters; by the code of the operating system or of TLS. */
const meanings: ReadonlyMap<string, Meaning> = new Map([
  ['28', login],
  ['3D', noDatabase],
  ['42501', noRight],
  // Said of a schema that is not shown to us.
  ['3F000', noRight],
  ['25006', readOnly],
  ['53', full],
  ['53300', crowded],
  ['08', away],
  ['57P01', away],
  ['57P02', away],
  ['57P03', away],
  ['57P04', away],
  ['57P05', away],
  ['25P03', away],
  // Said by our own function.
  ['0A000', newer],
  ['22', refused],
  ['23', refused],
  ['57014', busy],
  ['55P03', busy],
  ['40', busy],
  ['XX001', corrupt],
  ['XX002', corrupt],
  ['ECONNREFUSED', away],
  ['ECONNRESET', away],
  ['EPIPE', away],
  ['ENOTFOUND', away],
  ['EAI_AGAIN', away],
  ['ETIMEDOUT', away],
  ['EHOSTUNREACH', away],
  ['ENETUNREACH', away],
  ['EADDRNOTAVAIL', away],
  // Of a Unix socket.
  ['ENOENT', away],
  ['EACCES', away],
  ['ERR_TLS_CERT_ALTNAME_INVALID', untrusted],
  ['CERT_HAS_EXPIRED', untrusted],
  ['CERT_NOT_YET_VALID', untrusted],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', untrusted],
  ['SELF_SIGNED_CERT_IN_CHAIN', untrusted],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', untrusted],
  ['UNABLE_TO_GET_ISSUER_CERT', untrusted],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', untrusted],
  ['CERT_SIGNATURE_FAILURE', untrusted],
  ['INVALID_CA', untrusted],
]);

/** By the text of pg, which gives these no code. */
const texts: ReadonlyMap<string, Meaning> = new Map([
  ['The server does not support SSL connections', noTls],
  ['There was an error establishing an SSL connection', noPostgres],
]);

/** What an error of PostgreSQL, of a socket or of TLS means to an operator. A `StoreError` is returned as it is. */
export function failureOf(error: unknown, place: string): StoreError {
  if (error instanceof StoreError) return error;
  const code = codeOf(error);
  const text = error instanceof Error ? error.message : String(error);
  // What is neither of the database nor of the system is said by the client, of a connection that ended.
  const rest = code !== '' ? io : error instanceof TypeError ? refused : away;
  const meaning =
    texts.get(text) ??
    meanings.get(code) ??
    (error instanceof DatabaseError ? meanings.get(code.slice(0, 2)) : undefined);
  // Node.js gives several addresses of one name as an error without a text.
  const cause = text === '' ? code : code === '' || text.includes(code) ? text : `${code}: ${text}`;
  return errorFor(meaning ?? rest, place, cause);
}
