import { escapeAttribute } from './escape.ts';

/** The attributes that say from whom to whom a stanza goes, and its id if it has one. */
export function addressed(from: string, to: string, id: string | undefined): string {
  const both = ` from='${escapeAttribute(from)}' to='${escapeAttribute(to)}'`;
  return id === undefined ? both : `${both} id='${escapeAttribute(id)}'`;
}
