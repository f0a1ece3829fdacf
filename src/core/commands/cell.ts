/** A value of an answer as people read it: `''` for what there is not. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(cellText).join(', ');
  return Object.entries(value)
    .flatMap(([key, each]) => (cellText(each) === '' ? [] : [`${key} ${cellText(each)}`]))
    .join(' ');
}
