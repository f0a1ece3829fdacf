/** Values that are designed but not built, by what they are values of. */
export const notYetValues = {
  driver: ['postgres'],
} as const;
