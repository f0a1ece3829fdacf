import { render } from 'preact';
import 'uplot/dist/uPlot.min.css';
import './style/base.css';
import './style/shell.css';
import './style/parts.css';
import './style/pages.css';
import { App } from './app.tsx';
import { Desk } from './desk.ts';
import { applyTheme, storedTheme } from './theme.ts';

/** How long a page that nobody sees keeps its streams, in milliseconds. */
const nap = 20_000;

applyTheme(storedTheme());
const desk = new Desk(document.baseURI);
const place = document.getElementById('page');
if (place !== null) render(<App desk={desk} />, place);
desk.open();

let sleeping: ReturnType<typeof setTimeout> | undefined;
document.addEventListener('visibilitychange', () => {
  clearTimeout(sleeping);
  if (document.visibilityState === 'hidden') sleeping = setTimeout(() => desk.rest(), nap);
  else desk.wake();
});
addEventListener('keydown', (event) => {
  const typing = event.target instanceof HTMLElement && event.target.matches('input, textarea, select, dialog *');
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const search = document.querySelector<HTMLElement>('input[type=search]');
  if (search === null) return;
  event.preventDefault();
  search.focus();
});
addEventListener('online', () => desk.retry());
