/** How deliveries are read. Each has an index, save for a list of the leased: what lies between is walked over. */
export const queries = {
  ready: 'select * from delivery where pool = ? and state = 0 and attempt = base and id > ? order by id limit ?',
  key: 'select * from delivery where pool = ? and state = 0 and key = ? and attempt = base and id > ? order by id limit ?',
  expired: 'select * from delivery where pool = ? and state = 0 and expires <= ? order by expires, id limit ?',
  dead: `select * from delivery where pool = ? and state = 2 and dead_at >= ? and dead_at < ?
    order by dead_at, id limit ?`,
  one: 'select * from delivery where id = ? and pool = ?',
  listReady: 'select * from delivery where pool = ? and state = 0 and id > ? order by id limit ?',
  listLeased: 'select * from delivery where pool = ? and state = 1 and id > ? order by id limit ?',
  listDead: 'select * from delivery where pool = ? and state = 2 and id > ? order by id limit ?',
};
