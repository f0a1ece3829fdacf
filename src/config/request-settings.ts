import type { MovedTo, RedirectRule, RequestSettings } from '../core/settings.ts';
import type { ReadConfig } from './schema/schema.ts';

type ReadPool = ReadConfig['pools'][string];

/** What a pool does with requests, from its keys. */
export function requestSettings({ iq, iqNamespaces, iqTimeout, redirects }: ReadPool): RequestSettings {
  return {
    mode: iq,
    namespaces: iqNamespaces,
    timeout: iqTimeout,
    redirects: Object.entries(redirects).map(([namespace, rule]) => redirectRule(namespace, rule)),
  };
}

/** Where a pool has moved to, if it has. */
export function movedTo({ moved: { to, permanent } }: ReadPool): MovedTo | undefined {
  return to === undefined ? undefined : { to, permanent };
}

/** Whether a rule changes more than where the query goes. */
export function changesQuery({ namespace, attributes }: ReadPool['redirects'][string]): boolean {
  return namespace !== undefined || Object.keys(attributes).length > 0;
}

function redirectRule(namespace: string, rule: ReadPool['redirects'][string]): RedirectRule {
  const { to, understoodBy, attributes } = rule;
  const query = changesQuery(rule) ? { namespace: rule.namespace, attributes } : undefined;
  return { namespace, to, query, understoodBy };
}
