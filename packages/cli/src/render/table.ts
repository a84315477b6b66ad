/** A cell of a table: its text, with the painted form if there is one. */
export type Cell = string | { readonly text: string; readonly painted: string };

/** Rows in padded columns, three spaces apart; the last cell of a row is not padded. */
export function renderTable(rows: readonly (readonly Cell[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, textOf(cell).length);
    }
  }
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => padded(cell, widths[column] ?? 0))
          .join('   ')
          .trimEnd()}\n`,
    )
    .join('');
}

function textOf(cell: Cell): string {
  return typeof cell === 'string' ? cell : cell.text;
}

function padded(cell: Cell, width: number): string {
  const room = ' '.repeat(width - textOf(cell).length);
  return (typeof cell === 'string' ? cell : cell.painted) + room;
}
