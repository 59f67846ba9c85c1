"""How much of a file is read at once, and how much of it is read at all.

A file may be broken or hostile. Each of these bounds keeps one way of filling the memory or
the disk shut; what goes beyond one is held back or refused, with the bound in the message.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Limits:
    """Bounds on what is read; the defaults are far above what a real feed needs.

    Attributes:
        chunk_rows: rows that are read, checked and set down together.
        chunk_characters: signs of those rows, so that long ones do not fill the memory.
        most_rows: rows of one file.
        most_rows_at_once: rows of a file that its description needs as a whole.
        most_columns: headings of one file, or keys of all its JSON lines together.
        most_row_characters: signs of one row; a longer JSON line is held back, a longer line
            of CSV refuses the file.
        most_cells: cells of a workbook, which cannot be read in parts.
        deepest: how deep the lists and objects of a JSON line may lie in each other.
        most_unpacked_bytes: size of a file with its gzip or zip taken off.
        most_expansion: times that a packed file may grow; under ``expansion_free_bytes`` any.
        expansion_free_bytes: unpacked size up to which growth is not judged.
    """

    chunk_rows: int = 50_000
    chunk_characters: int = 32 << 20
    most_rows: int = 10_000_000
    most_rows_at_once: int = 2_000_000
    most_columns: int = 2_000
    most_row_characters: int = 1_000_000
    most_cells: int = 5_000_000
    deepest: int = 32
    most_unpacked_bytes: int = 8 << 30
    most_expansion: int = 200
    expansion_free_bytes: int = 64 << 20

    def at_once(self) -> "Limits":
        """Give the limits of a file that must be read as a whole."""
        return replace(
            self, chunk_rows=self.most_rows_at_once, chunk_characters=self.most_unpacked_bytes
        )
