import type { Answer } from '../../core/requests/answer.ts';
import { writeCommand } from './adhoc.ts';
import { writeCmr } from './cmr.ts';
import { writeDiscoInfo, writeDiscoItems } from './disco.ts';
import { writeLast } from './last.ts';
import { writeTime } from './time.ts';
import { writeVersion } from './version.ts';

/** The payload of an IQ result, `''` for an empty one. */
export function answerPayload(answer: Answer): string {
  switch (answer.name) {
    case 'empty':
      return '';
    case 'version':
      return writeVersion(answer);
    case 'disco-info':
      return writeDiscoInfo(answer);
    case 'disco-items':
      return writeDiscoItems(answer);
    case 'last':
      return writeLast(answer);
    case 'time':
      return writeTime(answer);
    case 'command':
      return writeCommand(answer);
    case 'cmr':
      return writeCmr(answer);
  }
}
