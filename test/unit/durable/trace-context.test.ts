import { equal } from 'node:assert/strict';
import { traceOf } from '../../../src/core/trace-context.ts';

const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

function headers(value: string, open = "<header name='traceparent'>", close = '</header>'): string {
  return `<body>x</body><headers xmlns='http://jabber.org/protocol/shim'>${open}${value}${close}</headers>`;
}

describe('the trace of a message', () => {
  it('is what its SHIM header says', () => {
    equal(traceOf(headers(trace)), trace);
    equal(traceOf(headers(` ${trace}\n`)), trace);
    equal(traceOf(headers(trace, '<s:header xml:lang=\'en\' name="traceparent" >', '</s:header>')), trace);
    equal(traceOf(headers(trace.replace('00-', '01-'))), trace.replace('00-', '01-'));
  });

  it('is none when there is no header, or one that W3C calls invalid', () => {
    equal(traceOf('<body>traceparent</body>'), undefined);
    equal(traceOf(headers(trace, "<header name='tracestate'>")), undefined);
    for (const wrong of [
      trace.toUpperCase(),
      trace.slice(1),
      `${trace}0`,
      trace.replace('00-', 'ff-'),
      `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
      `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01`,
      '',
    ]) {
      equal(traceOf(headers(wrong)), undefined, wrong);
    }
  });

  it('is looked for in a time that a large message cannot stretch', () => {
    equal(traceOf(`<header ${"name='traceparent' ".repeat(20_000)}`), undefined);
    equal(traceOf("<header name='traceparent'>".repeat(20_000)), undefined);
  });
});
