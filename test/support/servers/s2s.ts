import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram } from './daemon.ts';

/** A certificate of its own making, as two files. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
}

/** How a server reaches other servers and is reached by them. */
export interface Federation extends Certificate {
  /** The loopback address and port on which it takes connections of other servers. */
  readonly address: string;
  readonly port: number;
  /** Certificates that it trusts, in one file. */
  readonly trusted: string;
  /** Where the domains of others are: these and no others, so that no DNS is asked. */
  readonly peers: Readonly<Record<string, { readonly address: string; readonly port: number }>>;
}

/** Why no certificate can be made here, or `undefined`. */
export function opensslMissing(): string | undefined {
  return findProgram('openssl') === undefined ? 'openssl is not installed' : undefined;
}

/** Makes a certificate for these domains, valid for two days, in `folder`. */
export function makeCertificate(folder: string, domains: readonly string[]): Certificate {
  const [name = 'none'] = domains;
  const certificate = join(folder, `${name}.crt`);
  const key = join(folder, `${name}.key`);
  const names = domains.map((domain) => `DNS:${domain}`).join(',');
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const identity = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`];
  execFileSync('openssl', [...request, ...identity, '-out', certificate, '-keyout', key], { stdio: 'pipe' });
  return { certificate, key };
}

/** Writes the certificates that a server trusts into one file and gives its path. */
export function trust(folder: string, certificates: readonly Certificate[]): string {
  const file = join(folder, 'trusted.pem');
  writeFileSync(file, certificates.map(({ certificate }) => readFileSync(certificate, 'utf8')).join(''));
  return file;
}

/** In place of DNS: Prosody asks for `_xmpp-server._tcp.<domain>` and gets what the configuration says. */
const fixedAddresses = `module:set_global();
local adns = require "net.adns";
local peers = module:get_option("fixed_addresses", {});
local resolver = {};
function resolver:lookup(answered, name)
	local peer = peers[name:match("^_xmpp%-server%._tcp%.(.+)$") or ""];
	answered(peer and { { srv = { priority = 0, weight = 0, port = peer.port, target = peer.address } } } or nil);
end
function adns.resolver() return resolver; end
`;

/** The lines of Prosody's configuration for a server that talks to others, over TLS with certificates checked. */
export function prosodyFederation(folder: string, federation: Federation): string[] {
  const { address, port, certificate, key, trusted, peers } = federation;
  mkdirSync(join(folder, 'modules'), { recursive: true });
  writeFileSync(join(folder, 'modules/mod_fixed_addresses.lua'), fixedAddresses);
  const known = Object.entries(peers).map(
    ([domain, peer]) => `["${domain}"] = { address = "${peer.address}", port = ${peer.port} }`,
  );
  return [
    `plugin_paths = { "${folder}/modules" }`,
    `fixed_addresses = { ${known.join(', ')} }`,
    `s2s_interfaces = { "${address}" }`,
    `s2s_ports = { ${port} }`,
    's2s_secure_auth = true',
    's2s_require_encryption = true',
    `ssl = { certificate = "${certificate}", key = "${key}", cafile = "${trusted}" }`,
    // Without a certificate of its own the port for clients offers no TLS.
    'c2s_ssl = { certificate = "none", key = "none" }',
  ];
}

/** The keys of ejabberd's configuration for a server that talks to others, over TLS with certificates checked. */
export function ejabberdFederation(federation: Federation): { readonly listener: object; readonly keys: object } {
  const { address, port, certificate, key, trusted } = federation;
  return {
    listener: { port, ip: address, module: 'ejabberd_s2s_in', shaper: 'none' },
    keys: {
      certfiles: [certificate, key],
      ca_file: trusted,
      s2s_cafile: trusted,
      s2s_use_starttls: 'required',
      // After a failure it bounces for a random time up to this, in seconds: five minutes unless set.
      s2s_max_retry_delay: 1,
    },
  };
}

/** Erlang's resolver, by the file that ERL_INETRC names: it asks this name server and no other. */
export function erlangResolver(port: number): string {
  return `{lookup, [file]}.\n{resolv_conf, ""}.\n{nameserver, {127,0,0,1}, ${port}}.\n`;
}
