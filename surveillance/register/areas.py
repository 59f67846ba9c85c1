"""Areas: the counting tree of the United Kingdom, Connecticut and the countries.

Populations are of the year in ``population_year`` (mid-2022 for the UK's tree). Codes of an
older vintage are aliases of what replaced them; where one old county became two authorities
it stays as a ``former_authority`` that counts towards its region only.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from surveillance.errors import InputError, SettingsError
from surveillance.register.names import squeeze
from surveillance.register.tables import Row, read_table, split_list
from surveillance.register.tree import Tree, grow_tree

_COLUMNS = (
    "code",
    "name",
    "kind",
    "parent",
    "population",
    "population_year",
    "aliases",
    "valid_from",
    "valid_to",
    "members",
)
_NEIGHBOUR_COLUMNS = ("area_code", "neighbour_code", "area_name", "neighbour_name")
# One name often belongs to several areas (Norfolk the county and Norfolk the police area). The
# kind that stands first here has it; the others need a fuller name.
KINDS = (
    "country_group",
    "nation",
    "region",
    "authority",
    "country",
    "state",
    "county",
    "former_authority",
    "police_area",
    "police_division",
    "action_area",
    "unknown",
)


@dataclass(frozen=True)
class Area:
    """One area.

    Attributes:
        code: GSS code, FIPS-like code, ISO 3166 code, or a code of our own.
        kind: one of ``KINDS``.
        parent: code of the area it counts towards, or empty.
        population: residents, or None where we have no figure.
        aliases: other names, and codes that this area replaced.
        members: codes of the authorities that a police or action area groups.
        population_year: the year of the figure.
        valid_from: first day of the code, where known.
        valid_to: last day of the code, None while in use.
    """

    code: str
    name: str
    kind: str
    parent: str
    population: int | None
    aliases: tuple[str, ...]
    members: tuple[str, ...]
    population_year: int | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True)
class AreaRegister:
    """Areas by code and name, their tree and what adjoins what."""

    by_code: Mapping[str, Area]
    by_name: Mapping[str, tuple[str, ...]]
    tree: Tree
    adjoining: Mapping[str, tuple[str, ...]]

    def get(self, code: str) -> Area:
        """Give the area with this code; an older code must be resolved first.

        Raises:
            InputError: the register has no such code.
        """
        if code not in self.by_code:
            raise InputError(
                f"No area {code!r} in the register. Codes are listed in config/areas.csv; "
                "for a name or an older code run: dews resolve"
            )
        return self.by_code[code]

    def resolve(self, text: str, within: str = "UK", *, kinds: Collection[str] = ()) -> str | None:
        """Find the code of a code, name or alias.

        Args:
            text: what the source wrote, one area and nothing else.
            within: the country or state whose areas are meant, or empty for any.
            kinds: kinds of area that are meant, or none for any.

        Returns:
            The current code. None when it is no area below ``within``, or when two areas of
            the same kind have that name.

        Raises:
            InputError: ``within`` itself is no area.
        """
        codes = self.by_name.get(squeeze(text), ())
        if within:
            below = self.tree.descendants[self._root(within)]
            codes = tuple(code for code in codes if code in below)
        if kinds:
            codes = tuple(code for code in codes if self.by_code[code].kind in kinds)
        if not codes:
            return None
        ranks = [KINDS.index(self.by_code[code].kind) for code in codes]
        best = [code for code, rank in zip(codes, ranks, strict=True) if rank == min(ranks)]
        return best[0] if len(best) == 1 else None

    def ancestors(self, code: str) -> tuple[str, ...]:
        """List the areas that an area counts towards, nearest first."""
        return self.tree.ancestors[self.get(code).code]

    def children(self, code: str) -> tuple[str, ...]:
        """List the areas whose parent this is, police and action areas among them."""
        return self.tree.children[self.get(code).code]

    def descendants(self, code: str) -> frozenset[str]:
        """List everything that counts towards an area, and the area itself."""
        return self.tree.descendants[self.get(code).code]

    def neighbours(self, code: str) -> tuple[str, ...]:
        """List the areas that adjoin an area, by code; empty where the register knows none."""
        return self.adjoining.get(self.get(code).code, ())

    def all(self) -> tuple[Area, ...]:
        """List the areas in the order of the table."""
        return tuple(self.by_code.values())

    def _root(self, within: str) -> str:
        if within in self.by_code:
            return within
        codes = self.by_name.get(squeeze(within), ())
        if len(codes) != 1:
            raise InputError(
                f"{within!r} is no country or state of the register. Use UK, US-CT or another "
                "code of config/areas.csv, or leave it empty for any."
            )
        return codes[0]


def load_areas(path: Path, *, neighbours: Path) -> AreaRegister:
    """Read the areas and what adjoins what.

    Raises:
        SettingsError: a code stands twice, a kind or number is wrong, or a parent, member or
            neighbour has no line of its own.
    """
    by_code: dict[str, Area] = {}
    for row in read_table(path, columns=_COLUMNS):
        if row["code"] in by_code:
            raise SettingsError(f"{path.name}: the code {row['code']!r} stands twice.")
        by_code[row["code"]] = _read_area(row, path.name)
    for area in by_code.values():
        for member in area.members:
            if member not in by_code:
                raise SettingsError(f"{path.name}: member {member!r} of {area.code!r} has no line.")
    return AreaRegister(
        by_code=by_code,
        by_name=_index_names(by_code),
        tree=grow_tree({code: area.parent for code, area in by_code.items()}, table=path.name),
        adjoining=_read_neighbours(neighbours, by_code),
    )


def _read_area(row: Row, table: str) -> Area:
    if row["kind"] not in KINDS:
        raise SettingsError(
            f"{table}: {row['code']!r} has the kind {row['kind']!r}. Use one of {', '.join(KINDS)}."
        )
    try:
        return Area(
            code=row["code"],
            name=row["name"],
            kind=row["kind"],
            parent=row["parent"],
            population=int(row["population"]) if row["population"] else None,
            aliases=split_list(row["aliases"]),
            members=split_list(row["members"]),
            population_year=int(row["population_year"]) if row["population_year"] else None,
            valid_from=date.fromisoformat(row["valid_from"]) if row["valid_from"] else None,
            valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
    except ValueError as error:
        raise SettingsError(
            f"{table}: the line of {row['code']!r} cannot be read: {error}. Populations and "
            "years are whole numbers, days are written 2023-04-01."
        ) from error


def _index_names(by_code: Mapping[str, Area]) -> dict[str, tuple[str, ...]]:
    codes_by_name: dict[str, list[str]] = {}
    for area in by_code.values():
        if area.kind == "unknown":
            continue
        for name in {squeeze(text) for text in (area.code, area.name, *area.aliases)}:
            codes_by_name.setdefault(name, []).append(area.code)
    return {name: tuple(codes) for name, codes in codes_by_name.items()}


def _read_neighbours(path: Path, by_code: Mapping[str, Area]) -> dict[str, tuple[str, ...]]:
    adjoining: dict[str, set[str]] = {}
    for row in read_table(path, columns=_NEIGHBOUR_COLUMNS):
        pair = (row["area_code"], row["neighbour_code"])
        if pair[0] == pair[1] or not all(code in by_code for code in pair):
            raise SettingsError(
                f"{path.name}: {pair[0]!r} and {pair[1]!r} cannot be neighbours: "
                "both must be codes of areas.csv, and two different ones."
            )
        adjoining.setdefault(pair[0], set()).add(pair[1])
        adjoining.setdefault(pair[1], set()).add(pair[0])
    return {code: tuple(sorted(codes)) for code, codes in adjoining.items()}
