const zeros = /^[0-9a-f]{2}-0{32}-|-0{16}-[0-9a-f]{2}$/;
const header =
  /<(?:[\w.-]{1,32}:)?header\b[^<>]{0,200}\bname=["']traceparent["'][^<>]{0,200}>\s*([0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2})\s*</;

/**
 * The trace that a message belongs to: what its SHIM header `traceparent` holds (XEP-0131; W3C Trace
 * Context 3.2), or `undefined` when there is none, or none that is valid. The header passes through the
 * router as any payload does.
 *
 * @param tail The children of the message, as XML.
 */
export function traceOf(tail: string): string | undefined {
  if (!tail.includes('traceparent')) return undefined;
  const trace = header.exec(tail)?.[1];
  return trace === undefined || trace.startsWith('ff') || zeros.test(trace) ? undefined : trace;
}
