"""Tables for people: as wide as they need in a file, and no wider than the terminal on one.

No text is cut off. Where a table is too wide for the terminal, cells are folded between words; where that is not
enough, columns are left out, and a sentence says which they are and where they can be seen.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from cxmetrics.reports.printing import width
from cxmetrics.terminal import is_terminal, visible

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table
    from rich.text import Text

    Cell = str | Text

Thing = TypeVar("Thing")
# Blanks that a table needs beside its cells: for each column and once.
ROOMY, NARROW = (3, 1), (2, -2)


@dataclass(frozen=True)
class Column:
    """A heading over cells. Numbers are set to the right; they are folded where ``is_folded`` says so, and texts
    always. Without room the column with the highest ``rank`` is left out first, and a column without a rank never."""

    name: str
    is_number: bool = False
    is_folded: bool = False
    rank: int = 0


def fitted(
    columns: Sequence[Column], rows: Sequence[Sequence[Cell]], elsewhere: str, *, is_roomy: bool = True
) -> list[RenderableType]:
    """The table between blank lines. Where columns are left out, a sentence says so, and ``elsewhere`` shows them."""
    from rich.text import Text

    cells = [[column.name, *(row[position] for row in rows)] for position, column in enumerate(columns)]
    natural = [max(map(_length, _lines(column))) for column in cells]
    limit = width() if is_terminal() else None
    kept = list(range(len(columns)))
    if is_roomy and (limit is None or _total(natural, ROOMY) <= limit):
        # Its edges are blank lines.
        return [_table(columns, rows, kept, natural, True)]
    limit = _total(natural, NARROW) if limit is None else limit
    least = [_least(column, of) for column, of in zip(columns, cells, strict=True)]
    while _total([least[position] for position in kept], NARROW) > limit:
        last = max(kept, key=lambda position: columns[position].rank)
        if not columns[last].rank:
            break
        kept.remove(last)
    widths = _spread(_of(kept, cells), _of(kept, least), _of(kept, natural), limit)
    answer: list[RenderableType] = ["", _table(columns, rows, kept, widths, False)]
    if left_out := [column.name for position, column in enumerate(columns) if position not in kept]:
        said = f"Left out to fit {limit} columns: {', '.join(left_out)}."
        answer.append(Text(f"{said} A wider terminal or {elsewhere} shows them."))
    return [*answer, ""]


def _table(
    columns: Sequence[Column],
    rows: Sequence[Sequence[Cell]],
    kept: Sequence[int],
    widths: Sequence[int],
    is_roomy: bool,
) -> Table:
    from rich import box
    from rich.table import Table

    table = Table(
        box=box.SIMPLE_HEAD,
        width=_total(widths, ROOMY if is_roomy else NARROW),
        padding=(0, 1) if is_roomy else (0, 1, 0, 0),
        pad_edge=is_roomy,
        show_edge=is_roomy,
    )
    for position, wide in zip(kept, widths, strict=True):
        column = columns[position]
        table.add_column(column.name, width=wide, justify="right" if column.is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(row[position] for position in kept))
    return table


def _of(kept: Sequence[int], things: Sequence[Thing]) -> list[Thing]:
    return [things[position] for position in kept]


def _total(widths: Sequence[int], blanks: tuple[int, int]) -> int:
    each, once = blanks
    return sum(widths) + each * len(widths) + once


def _lines(cells: Sequence[Cell]) -> Iterator[str]:
    return (line for cell in cells for line in visible(str(cell)).split("\n"))


def _least(column: Column, cells: Sequence[Cell]) -> int:
    """The room for the longest part that is not folded: a word, or a line of numbers."""
    words = [word for line in _lines(cells) for word in line.split()]
    whole = _lines(cells[1:]) if column.is_number and not column.is_folded else ()
    return max(map(_length, [*words, *whole]), default=1)


def _spread(cells: Sequence[Sequence[Cell]], least: Sequence[int], natural: Sequence[int], limit: int) -> list[int]:
    """Widths that together fit ``limit`` and fold no cell into more lines than they must; headings may have more."""
    widths = list(least)
    texts = [{str(cell) for cell in column[1:]} for column in cells]
    for lines in range(1, 1 + max((_folded(text, 1) for column in texts for text in column), default=1)):
        wanted = [
            next(wide for wide in range(low, high + 1) if wide == high or _all_fold_into(lines, column, wide))
            for column, low, high in zip(texts, least, natural, strict=True)
        ]
        if _total(wanted, NARROW) <= limit:
            widths = wanted
            break
    room = limit - _total(widths, NARROW)
    for position in sorted(range(len(widths)), key=lambda position: natural[position] - widths[position]):
        more = max(0, min(room, natural[position] - widths[position]))
        widths[position] += more
        room -= more
    while room < 0 and max(widths) > 1:
        widths[widths.index(max(widths))] -= 1
        room += 1
    return widths


def _all_fold_into(lines: int, cells: Iterable[str], wide: int) -> bool:
    return all(_folded(cell, wide) <= lines for cell in cells)


def _folded(cell: str, wide: int) -> int:
    """Lines of a cell that is folded between words."""
    count = 0
    for line in _lines([cell]):
        taken = wide
        for word in line.split():
            length = _length(word)
            if taken + 1 + length > wide:
                count += 1
                taken = length
            else:
                taken += 1 + length
        count += not line.split()
    return count


def _length(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)
