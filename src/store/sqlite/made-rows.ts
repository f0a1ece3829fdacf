/** Every pool that was made, in the order of its making. */
export const selectMade =
  'select name as pool, settings, made_by as "by", made_at as at from made_pool order by made_at, name';
