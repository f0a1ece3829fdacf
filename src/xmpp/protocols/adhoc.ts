import type { Answer } from '../../core/requests/answer.ts';
import { escapeAttribute, escapeText } from '../codec/escape.ts';
import { namespaceOf } from '../codec/namespace-check.ts';
import { ns } from '../codec/namespaces.ts';
import { readFilled, writeDataForm } from './data-form.ts';
import { writePage } from './paging.ts';
import type { RequestReader } from './request-reader.ts';

/** XEP-0050 section 3.3. */
export const readCommand: RequestReader = (child, type) => {
  if (type !== 'set' || child.getName() !== 'command') return undefined;
  const { node, sessionid: session, action = 'execute' } = child.attrs;
  const form = child.getChildElements().find((each) => each.getName() === 'x' && namespaceOf(each) === ns.dataForms);
  return { name: 'command', node, session, action, form: form && readFilled(form) };
};

/** A stage of a command. All that we say is in English. */
export function writeCommand(answer: Answer & { name: 'command' }): string {
  const { node, session, status, actions, notes, forms, page } = answer;
  const [first] = actions;
  const offered = actions.map((action) => `<${action}/>`).join('');
  const stage = first === undefined ? '' : `<actions execute='${first}'>${offered}</actions>`;
  const told = notes.map(({ type, text }) => `<note type='${type}'>${escapeText(noteText(text))}</note>`).join('');
  const inner = `${stage}${told}${forms.map(writeDataForm).join('')}${page === undefined ? '' : writePage(page)}`;
  const own = `node='${escapeAttribute(node)}' sessionid='${escapeAttribute(session)}' status='${status}' xml:lang='en'`;
  return `<command xmlns='${ns.commands}' ${own}>${inner}</command>`;
}

/** Profanity 0.13 takes a note for a format of printf: a percent sign in a name could end it, and worse. */
function noteText(text: string): string {
  return text.replaceAll('%', '\uff05');
}
