import { type AnswerView, viewOfAnswer } from '../form/answer-view.ts';
import { count } from '../format.ts';
import { Facts } from '../parts/facts.tsx';

/** What a command has answered, whatever it is. */
export function AnswerPanel({ answer }: { readonly answer: unknown }) {
  const { text, facts, tables } = viewOfAnswer(answer);
  return (
    <section class="answer" aria-label="Answer" role="status">
      <h3>Done</h3>
      {text?.split('\n').map((line) => (
        <p key={line}>{line}</p>
      ))}
      {facts.length > 0 && <Facts items={facts} />}
      {tables.map((table) => (
        <AnswerTable key={table.name} table={table} />
      ))}
    </section>
  );
}

function AnswerTable({ table }: { readonly table: AnswerView['tables'][number] }) {
  return (
    <div class="table-frame">
      <table>
        <caption>
          {table.name}
          {table.left > 0 && <span class="muted">, the first of {count(table.rows.length + table.left)}</span>}
        </caption>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row) => (
            <tr key={row.join('\u0000')}>
              {row.map((value, index) => (
                <td key={table.columns[index]}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
