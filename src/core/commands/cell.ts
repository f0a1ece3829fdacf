/** A value of an answer as people read it: `''` for what there is not. What holds others is put in parentheses where it is held. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.map(heldText).join(', ');
  return Object.entries(value)
    .flatMap(([key, each]) => (cellText(each) === '' ? [] : [`${key}: ${heldText(each)}`]))
    .join('; ');
}

function heldText(value: unknown): string {
  const text = cellText(value);
  const holds = typeof value === 'object' && value !== null && !Array.isArray(value);
  return holds && text !== '' ? `(${text})` : text;
}
