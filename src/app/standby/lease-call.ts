/** What is to be said to the database. */
export type Call =
  | { readonly kind: 'beat'; readonly epoch: number | undefined }
  | { readonly kind: 'claim' }
  | { readonly kind: 'release' | 'ask' | 'ready'; readonly epoch: number };
