import { useState } from 'preact/hooks';
import { useCell, useDesk } from './hooks.ts';
import { Dialog } from './parts/dialog.tsx';

/** Where the token is given and taken back. */
export function AccessDialog({ onClose }: { readonly onClose: () => void }) {
  const desk = useDesk();
  const session = useCell(desk.session);
  if (session?.write === true) {
    return (
      <Dialog title="You may give commands" onClose={onClose}>
        <p>
          {desk.hasToken
            ? 'This page has the token. Whoever uses it can change everything that an operator can.'
            : 'The router takes commands from this address without a token.'}
        </p>
        {desk.hasToken && (
          <div class="dialog-foot">
            <button
              type="button"
              onClick={() => {
                desk.lock();
                onClose();
              }}
            >
              Forget the token
            </button>
          </div>
        )}
      </Dialog>
    );
  }
  return <TokenForm onClose={onClose} />;
}

function TokenForm({ onClose }: { readonly onClose: () => void }) {
  const desk = useDesk();
  const [keep, setKeep] = useState(false);
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState('');
  const unlock = async (): Promise<void> => {
    const refusal = await desk.unlock(token.trim(), keep);
    if (refusal === undefined) onClose();
    else setProblem(refusal.text);
  };
  return (
    <Dialog title="Give the token" onClose={onClose}>
      <p>
        Without it this page only shows. The token is what the configuration has as <code>http.token</code>, or in the
        file of <code>http.tokenFile</code>.
      </p>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void unlock();
        }}
      >
        <TokenField token={token} problem={problem} onToken={setToken} />
        <label class="check">
          <input type="checkbox" checked={keep} onChange={({ currentTarget }) => setKeep(currentTarget.checked)} />
          Keep it until this tab is closed
        </label>
        <div class="dialog-foot">
          {desk.hasToken && (
            <button type="button" onClick={() => desk.lock()}>
              Forget the token
            </button>
          )}
          <button type="submit" class="primary">
            Unlock
          </button>
        </div>
      </form>
    </Dialog>
  );
}

interface TokenFieldProps {
  readonly token: string;
  readonly problem: string;
  readonly onToken: (token: string) => void;
}

function TokenField({ token, problem, onToken }: TokenFieldProps) {
  return (
    <>
      <label class="field">
        <span>Token</span>
        <input
          data-first
          type="password"
          autocomplete="off"
          required
          value={token}
          aria-invalid={problem !== ''}
          aria-describedby={problem === '' ? undefined : 'token-problem'}
          onInput={({ currentTarget }) => onToken(currentTarget.value)}
        />
      </label>
      {problem !== '' && (
        <p class="problem" id="token-problem" role="alert">
          {problem}
        </p>
      )}
    </>
  );
}
