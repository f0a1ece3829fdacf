import { ConfigError } from '../../config/issue.ts';
import type { LoadedConfig } from '../../config/load.ts';
import { madePoolOf } from '../reload/made-book.ts';
import type { CheckFinding } from './check-finding.ts';
import type { StoreLook } from './check-store.ts';

const subject = 'made pools';
const advice =
  'Change the configuration so that it fits. Or write the pool there with other settings: then it is the one of the configuration.';

/** The configuration with the pools that commands have made, as far as they can be seen, and what is to be said of them. */
export function withMadePools(
  loaded: LoadedConfig,
  look: StoreLook,
): { readonly whole: LoadedConfig; readonly findings: readonly CheckFinding[] } {
  const made = typeof look === 'object' && 'made' in look ? look.made.map(madePoolOf) : [];
  if (made.length === 0) return { whole: loaded, findings: [] };
  try {
    const whole = loaded.withMade(made);
    const taken = whole.taken.map(
      (name): CheckFinding => ({
        level: 'note',
        subject,
        text: `the pool ${name} was made by a command, and the configuration has one of that name`,
        advice: 'That of the configuration is taken, and the other forgotten.',
      }),
    );
    const text = `${made.length} in the database`;
    return { whole, findings: [{ level: 'ok', subject, text }, ...taken] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.issues.map(({ path, source, problem }): CheckFinding => {
      return { level: 'fail', subject, text: `${path} (${source}): ${problem}`, advice };
    });
    return { whole: loaded, findings };
  }
}
