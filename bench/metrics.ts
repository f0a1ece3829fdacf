/** One sample of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const label = /(\w+)="((?:[^"\\]|\\.)*)"/g;

/** Reads Prometheus' text format, without comments and time stamps. */
export function samplesOf(text: string): readonly Sample[] {
  const samples: Sample[] = [];
  for (const row of text.split('\n')) {
    const match = line.exec(row);
    if (match === null) continue;
    const labels: Record<string, string> = {};
    for (const [, key = '', value = ''] of (match[2] ?? '').matchAll(label)) labels[key] = value;
    samples.push({ name: match[1] ?? '', labels, value: Number(match[3]) });
  }
  return samples;
}

/** Adds up the samples of the metric `name` whose labels `wanted` accepts. */
export function sumOf(samples: readonly Sample[], name: string, wanted: (labels: Sample['labels']) => boolean): number {
  return samples.reduce((sum, one) => (one.name === name && wanted(one.labels) ? sum + one.value : sum), 0);
}
