import { domainOf } from '../../core/address/jid.ts';
import { isReserved } from '../../core/requests/namespaces.ts';
import { hopsMax, type Route, routeOf } from '../../core/requests/routes.ts';
import { preparedOr, readPoolName } from '../addresses.ts';
import type { KeyPath } from '../issue.ts';
import { changesQuery, movedTo, requestSettings } from '../request-settings.ts';
import type { ReadConfig } from '../schema/schema.ts';
import type { Finding } from './finding.ts';

type ReadPool = ReadConfig['pools'][string];

type Places = Parameters<typeof routeOf>[2];

/** What is contradictory in the requests of pools, one by one and as they lead to each other. */
export function findRequestContradictions(pools: ReadConfig['pools'], domain: string): readonly Finding[] {
  const all = Object.entries(pools).map(([key, pool]) => ({ key, pool, name: preparedOr(readPoolName, key) }));
  const places: Places = new Map(
    all.map(({ name, pool }) => [name, { requests: requestSettings(pool), moved: movedTo(pool) }]),
  );
  return all.flatMap(({ key, pool, name }) => {
    const path = ['pools', key];
    if (pool.moved.to !== undefined) return movedFindings(path, pool, pool.moved.to, name, places, domain);
    return [
      ...permanenceFindings(path, pool),
      ...namespaceFindings(path, pool),
      ...ruleFindings(path, pool),
      ...routeFindings(path, pool, name, places, domain),
    ];
  });
}

function permanenceFindings(path: KeyPath, { moved }: ReadPool): Finding[] {
  if (!moved.permanent) return [];
  const problem = 'Nothing says where the pool has moved to.';
  return [error([...path, 'moved', 'permanent'], [[...path, 'moved', 'to']], problem, 'Add "to", or remove this key.')];
}

function namespaceFindings(path: KeyPath, { iq, iqNamespaces }: ReadPool): Finding[] {
  const iqPath = [...path, 'iq'];
  const listPath = [...path, 'iqNamespaces'];
  if (iq === 'reject') {
    if (iqNamespaces.length === 0) return [];
    const problem = 'The pool refuses requests, so these mean nothing.';
    return [error(listPath, [iqPath], problem, 'Remove them, or write "redirect" or "proxy" for "iq".')];
  }
  if (iqNamespaces.length === 0) {
    const problem = 'Nothing says which requests these are.';
    const suggestion = 'Add "iqNamespaces", such as ["urn:example:status"], or ["*"] for all that may be passed on.';
    return [error(iqPath, [listPath], problem, suggestion)];
  }
  return iqNamespaces.flatMap((namespace, index) => {
    if (!isReserved(namespace)) return [];
    const problem =
      'Requests of this namespace are never passed on: the pool answers them, or they are about an account.';
    return [error([...listPath, index], [], problem, 'Remove it.')];
  });
}

function ruleFindings(path: KeyPath, { iq, iqNamespaces, redirects }: ReadPool): Finding[] {
  const rulesPath = [...path, 'redirects'];
  const rules = Object.entries(redirects);
  if (rules.length > 0 && iq !== 'redirect') {
    const problem = 'These rules are for pools that redirect.';
    return [error(rulesPath, [[...path, 'iq']], problem, 'Remove them, or write "redirect" for "iq".')];
  }
  return rules.flatMap(([namespace, rule]) => {
    const rulePath = [...rulesPath, namespace];
    const changed = changesQuery(rule);
    const uncovered = !iqNamespaces.includes(namespace) && (!iqNamespaces.includes('*') || isReserved(namespace));
    const findings: Finding[] = [];
    if (uncovered) {
      const problem = 'The pool takes no requests of this namespace.';
      findings.push(
        error(
          rulePath,
          [[...path, 'iqNamespaces']],
          problem,
          'Remove the rule, or add the namespace to "iqNamespaces".',
        ),
      );
    }
    if (changed && rule.understoodBy.length === 0) {
      const problem = 'The query is changed, and nobody is known to read such a redirect: all would be refused.';
      findings.push(error(rulePath, [], problem, 'Add "understoodBy", or leave the query as it is.'));
    }
    if (!changed && rule.understoodBy.length > 0) {
      const changing = [
        [...rulePath, 'namespace'],
        [...rulePath, 'attributes'],
      ];
      const problem = 'The query stays as it is, and every client may follow such a redirect.';
      findings.push(error([...rulePath, 'understoodBy'], changing, problem, 'Remove this key.'));
    }
    return findings;
  });
}

function routeFindings(path: KeyPath, pool: ReadPool, name: string, places: Places, domain: string): Finding[] {
  if (pool.iq !== 'redirect') return [];
  return Object.entries(pool.redirects).flatMap(([namespace, { to }]) => {
    const toPath = [...path, 'redirects', namespace, 'to'];
    if (to === `${name}@${domain}`) {
      return [error(toPath, [], 'The pool would redirect to itself.', 'Write another address.')];
    }
    return complain(toPath, to, routeOf(name, namespace, places, domain), domain, 'takes no such requests');
  });
}

function movedFindings(
  path: KeyPath,
  pool: ReadPool,
  to: string,
  name: string,
  places: Places,
  domain: string,
): Finding[] {
  const toPath = [...path, 'moved', 'to'];
  const useless = pool.iq !== 'reject' || pool.iqNamespaces.length > 0 || Object.keys(pool.redirects).length > 0;
  const findings: Finding[] = [];
  if (useless) {
    const problem = 'A pool that has moved takes no requests.';
    findings.push(error([...path, 'iq'], [toPath], problem, 'Remove "iq", "iqNamespaces" and "redirects".'));
  }
  if (to === `${name}@${domain}`) {
    return [...findings, error(toPath, [], 'The pool cannot move to itself.', 'Write another address.')];
  }
  // Messages follow the same addresses as requests that the new pool answers itself.
  const route = routeOf(name, 'urn:xmpp:ping', places, domain);
  return [...findings, ...complain(toPath, to, route, domain, 'is no pool')];
}

/** What is wrong with a route, told at the redirect that begins it. */
function complain(path: KeyPath, to: string, { end }: Route, domain: string, refusal: string): Finding[] {
  const also: KeyPath[] = [['pools']];
  switch (end) {
    case 'worker':
    case 'pool':
    case 'elsewhere':
      return [];
    case 'loop':
      return [error(path, also, 'The redirects from here go round in a circle.', 'Write an address outside of it.')];
    case 'too-long':
      return [
        error(
          path,
          also,
          `More than ${String(hopsMax)} redirects follow each other from here, and clients stop after ${String(hopsMax)}.`,
          'Write the address where they end.',
        ),
      ];
    case 'refused': {
      const where = domainOf(to) === domain ? `What is at "${to}", or where that leads,` : 'Where this leads';
      return [
        error(path, also, `${where} ${refusal}.`, 'Write the address of another pool, or one of another domain.'),
      ];
    }
  }
}

function error(path: KeyPath, also: readonly KeyPath[], problem: string, suggestion: string): Finding {
  return { level: 'error', path, also, problem, suggestion };
}
