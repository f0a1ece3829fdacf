import { whole } from './field.ts';

/** Where a page of a list begins. */
export const skipField = whole({
  name: 'skip',
  label: 'Skip',
  help: 'How many at the beginning are left out.',
  min: 0,
  max: 10_000_000,
  fallback: 0,
});

/** How long a page of a list is. */
export const limitField = whole({
  name: 'limit',
  label: 'Limit',
  help: 'How many to list.',
  min: 1,
  max: 1_000,
  fallback: 100,
});
