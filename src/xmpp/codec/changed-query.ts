import { parse } from 'ltx';
import type { ChangedQuery } from '../../core/settings.ts';
import { ns } from './namespaces.ts';
import { serialise } from './serialise.ts';

/** The query `payload` with another namespace and other attributes; its children stay as they are. */
export function changeQuery(payload: string, { namespace, attributes }: ChangedQuery): string {
  return parse(`<iq xmlns='${ns.client}'>${payload}</iq>`)
    .getChildElements()
    .map((query) => {
      const colon = query.name.indexOf(':');
      const declaration = colon < 0 ? 'xmlns' : `xmlns:${query.name.slice(0, colon)}`;
      if (namespace !== undefined) query.attrs[declaration] = namespace;
      Object.assign(query.attrs, attributes);
      return serialise(query);
    })
    .join('');
}
