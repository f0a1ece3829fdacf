import { useEffect } from 'preact/hooks';
import type { Notice } from '../desk.ts';
import { useCell, useDesk } from '../hooks.ts';

/** What was done is shown for a while, what failed until it was read; milliseconds. */
const shown = 8_000;

/** What the operator is told, where it can be read: over the page, or in the dialog that is open. */
export function Notices() {
  const notices = useCell(useDesk().notices);
  return (
    <section class="notices" aria-label="Messages" aria-live="polite">
      {notices.map((notice) => (
        <OneNotice key={notice.id} notice={notice} />
      ))}
    </section>
  );
}

function OneNotice({ notice: { id, kind, text } }: { readonly notice: Notice }) {
  const desk = useDesk();
  useEffect(() => {
    if (kind === 'failed') return undefined;
    const timer = setTimeout(() => desk.dismiss(id), shown);
    return () => clearTimeout(timer);
  }, [desk, id, kind]);
  return (
    <div class={`notice is-${kind}`} role={kind === 'failed' ? 'alert' : undefined}>
      <p>{text}</p>
      <button type="button" class="quiet close" aria-label="Dismiss" onClick={() => desk.dismiss(id)}>
        <svg viewBox="0 0 16 16" width="12" height="12" aria-hidden="true" focusable="false">
          <path d="M3 3l10 10M13 3L3 13" />
        </svg>
      </button>
    </div>
  );
}
