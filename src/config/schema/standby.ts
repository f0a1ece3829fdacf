import { duration, optionalText, section } from '../leaves.ts';

/** Who of several instances is active. */
export const standby = section(
  {
    lease: duration({
      fallback: '5s',
      min: '1s',
      max: '5m',
      description:
        'How long the active instance may be silent before another takes over. Shorter takes over sooner, and takes a pause of the machine or of the database for an end.',
    }),
    name: optionalText({
      example: '"router-a"',
      description:
        'What this instance is called in logs and answers; the name of the host and the number of the process, such as `router1-4711`, when left out.',
    }),
    holdover: duration({
      fallback: '30s',
      min: '0s',
      max: '1h',
      description:
        'How long an active instance that cannot reach the database keeps its link for plain pools, where another instance may take over meanwhile. Without another it keeps it.',
    }),
  },
  {
    example: '{ "lease": "5s", "name": "router-a", "holdover": "30s" }',
    description: 'Several instances on one `postgres` database, of which one is active. Changes need a restart.',
  },
);
