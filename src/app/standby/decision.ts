/** Why a router ends while its process goes on. */
export type EndReason = 'lost' | 'unsure';

/** What is to be done beside the database. */
export type Decision =
  /** Build a router that commits with this epoch. */
  | { readonly do: 'begin'; readonly epoch: number }
  /** End the router, and say `ended`. */
  | { readonly do: 'end'; readonly why: EndReason }
  /** The other is ready, or does not come: close the link and give the lease back. */
  | { readonly do: 'yield' }
  /** Attach beside or in place of the active instance, keep what is read, and say `prepared`. */
  | { readonly do: 'prepare' }
  /** It does not come to it. */
  | { readonly do: 'unprepare' };
