import { useEffect, useState } from 'preact/hooks';
import type { MessageReport } from '../../../src/core/commands/message-report.ts';
import { plain } from '../form/answer-view.ts';
import { bytes, count, moment, nothing } from '../format.ts';
import { useDesk } from '../hooks.ts';
import { Dialog } from '../parts/dialog.tsx';
import { Facts } from '../parts/facts.tsx';
import { isMessage } from '../state/messages.ts';

interface MessageDialogProps {
  readonly pool: string;
  readonly id: string;
  readonly onClose: () => void;
}

/** All that is known of a message. What it says is shown as the text that it is. */
export function MessageDialog({ pool, id, onClose }: MessageDialogProps) {
  const desk = useDesk();
  const [message, setMessage] = useState<MessageReport | undefined>(undefined);
  const [problem, setProblem] = useState('');
  useEffect(() => {
    void desk.read('queue.show', { pool, id }).then((answer) => {
      if ('done' in answer && isMessage(answer.done)) setMessage(answer.done);
      if ('refused' in answer) setProblem(answer.refused.text);
    });
  }, [desk, pool, id]);
  return (
    <Dialog title={`Message ${id}`} onClose={onClose} wide>
      {problem !== '' && <p role="alert">{problem}</p>}
      {message === undefined && problem === '' && <p class="waiting">Asking for it …</p>}
      {message !== undefined && <About message={message} />}
    </Dialog>
  );
}

function About({ message }: { readonly message: MessageReport }) {
  const history = Array.isArray(message.history) ? message.history : [];
  return (
    <>
      <Facts
        items={[
          ['State', message.state],
          ['From', message.from],
          ['To', message.to],
          ['Type', message.type ?? 'normal'],
          ['Id of the sender', message.messageId ?? nothing],
          ['Accepted', time(message.since)],
          ['Expires', time(message.expires)],
          ['Attempts', count(message.attempts)],
          ['Worker', message.worker ?? nothing],
          ['Must be acknowledged by', time(message.deadline)],
          ['Not again before', time(message.notBefore)],
          ['Ordering key', message.key ?? nothing],
          ['Died', time(message.died)],
          ['Died of', message.reason ?? nothing],
          ['Size', bytes(message.bytes)],
        ]}
      />
      <h3>Earlier attempts</h3>
      {history.length === 0 ? (
        <p class="muted">None.</p>
      ) : (
        <ol class="attempts">
          {history.map((attempt) => (
            <li key={plain(attempt)}>{plain(attempt)}</li>
          ))}
        </ol>
      )}
      <h3>Content</h3>
      <pre class="content">{message.content}</pre>
    </>
  );
}

function time(text: string | null): string {
  return text === null ? nothing : moment(text);
}
