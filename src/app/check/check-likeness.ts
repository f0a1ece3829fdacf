import type { LoadedConfig } from '../../config/load.ts';
import type { InstanceView, LeaseView } from '../../store/shared.ts';
import { differencesOf, unlikeText } from '../standby/differences.ts';
import { fingerprintOf } from '../standby/fingerprint.ts';
import { instanceText } from '../standby/view-text.ts';
import { isAlive } from './alive.ts';
import type { CheckFinding } from './check-finding.ts';
import type { StoreLook } from './check-store.ts';

const subject = 'instances';
const here = 'this configuration';
const advice =
  'Whoever takes over goes by its own: give all the same file, and reload or restart the one that is behind.';

/**
 * In what the configuration differs from those of the instances that run on the same database; nothing where no other
 * has said how it is configured. A difference is no failure: one instance is always reloaded before the other.
 * @param version Of this program.
 */
export function likenessFindings(
  loaded: Pick<LoadedConfig, 'config' | 'made'>,
  look: StoreLook,
  version: string,
): readonly CheckFinding[] {
  if (typeof look !== 'object' || !('lease' in look) || look.lease === undefined) return [];
  const { lease, configurations } = look;
  const own = fingerprintOf(loaded);
  const alike: InstanceView[] = [];
  const notes = living(lease).flatMap((instance): CheckFinding[] => {
    const sections = configurations.get(instance.id);
    if (sections === undefined) return [];
    const differs = differencesOf(own.sections, sections, instance.version !== version, here);
    if (differs.length > 0)
      return [{ level: 'note', subject, text: unlikeText(instance, differs, 'this one'), advice }];
    alike.push(instance);
    return [];
  });
  if (alike.length === 0) return notes;
  const names = alike.map(instanceText).join(', ');
  return [{ level: 'ok', subject, text: `configured as here: ${names}` }, ...notes];
}

function living({ instances, now }: LeaseView): readonly InstanceView[] {
  return instances.filter((instance) => isAlive(instance, now));
}
