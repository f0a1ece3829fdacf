import type { Order } from '../state/order.ts';

interface SortHeaderProps<Column extends string> {
  readonly column: Column;
  readonly label: string;
  readonly order: Order<Column>;
  readonly onOrder: (order: Order<Column>) => void;
  /** Numbers stand at the right, and begin with the largest. */
  readonly number?: boolean;
  readonly className?: string;
}

/** The head of a column that the table can be sorted by. */
export function SortHeader<Column extends string>(props: SortHeaderProps<Column>) {
  const { column, label, order, onOrder, number = false, className = '' } = props;
  const on = order.by === column;
  return (
    <th
      scope="col"
      class={`${number ? 'number' : ''} ${className}`}
      aria-sort={on ? (order.down ? 'descending' : 'ascending') : undefined}
    >
      <button
        type="button"
        class={`sort ${on ? 'is-on' : ''}`}
        onClick={() => onOrder({ by: column, down: on ? !order.down : number })}
      >
        {label}
        <span class="arrow" aria-hidden="true">
          {on ? (order.down ? '↓' : '↑') : ''}
        </span>
      </button>
    </th>
  );
}
