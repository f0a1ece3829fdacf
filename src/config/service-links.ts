/** Environment variables, as `process.env` holds them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const url = /^(?:tcp|udp|sctp):\/\//;
/** What follows the name of the service in its variables. */
const endings = /^_(?:SERVICE_HOST|SERVICE_PORT(?:_\w+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_\w+)?)?)$/;

/**
 * Whether a container platform made the variable `name` for a service beside us whose own name
 * begins as our settings do, as `SWITCHYARD_SERVICE_HOST` for one called switchyard. Such a
 * service always has a `..._PORT` with the URL of its address, which no setting of ours can have;
 * without one the name is somebody's mistake.
 */
export function isServiceLink(env: Environment, name: string): boolean {
  for (let end = name.indexOf('_'); end >= 0; end = name.indexOf('_', end + 1)) {
    if (endings.test(name.slice(end)) && url.test(env[`${name.slice(0, end)}_PORT`] ?? '')) return true;
  }
  return false;
}
