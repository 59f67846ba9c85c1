"""Substances and their nested groups, and what a text names of them.

A case known only as far as a group ("benzodiazepine") resolves to the group, which is as
good an id as any. The clinical class is the effect by which NEPTUNE sorts treatment.

Source: Abdulrahim and Bowden-Jones (2015), Guidance on the clinical management of acute and
chronic harms of club drugs and novel psychoactive substances (NEPTUNE).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from surveillance.errors import InputError, SettingsError
from surveillance.register.matching import Name, NameIndex, find_names
from surveillance.register.names import cut_words, name_key
from surveillance.register.tables import Row, read_table, split_list
from surveillance.register.tree import Tree, grow_tree

_COLUMNS = (
    "substance_id",
    "name",
    "parent",
    "is_group",
    "clinical_class",
    "chemical_class",
    "aliases",
    "street_names",
    "everyday_words",
    "naloxone_responsive",
    "references",
)
CLINICAL_CLASSES = (
    "depressant",
    "stimulant",
    "hallucinogen",
    "dissociative",
    "synthetic cannabinoid",
    "opioid",
    "other",
    "unknown",
)
NALOXONE_ANSWERS = ("yes", "no", "partly", "unknown")


@dataclass(frozen=True)
class Substance:
    """One substance or one group of substances.

    Attributes:
        parent: id of the group it belongs to; empty for ``all`` only.
        is_group: whether other entries may stand below it.
        clinical_class: one of ``CLINICAL_CLASSES``.
        chemical_class: the chemist's class, the second axis.
        aliases: synonyms, brands, salts and spellings of laboratories.
        street_names: what users call it, everyday words among them.
        naloxone_responsive: whether naloxone reverses it: yes, no, partly or unknown.
        everyday_words: those street names that also are plain English.
        references: where to look it up; the keys are explained in docs/register.md.
    """

    substance_id: str
    name: str
    parent: str
    is_group: bool
    clinical_class: str
    chemical_class: str
    aliases: tuple[str, ...]
    street_names: tuple[str, ...]
    naloxone_responsive: str
    everyday_words: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


@dataclass(frozen=True)
class Recognition:
    """One substance that a text names.

    Attributes:
        matched_text: the words as they stood in the text.
        how: ``name``, ``alias``, ``street name`` or ``plural``.
        confidence: our trust in the reading, above 0 and up to 1; an order, no probability.
        negated: the text says that the substance was *not* there.
    """

    substance_id: str
    name: str
    matched_text: str
    how: str
    confidence: float
    negated: bool


@dataclass(frozen=True)
class SubstanceRegister:
    """Substances by id and by name, and their tree."""

    by_id: Mapping[str, Substance]
    tree: Tree
    names: NameIndex

    def get(self, substance_id: str) -> Substance:
        """Give the substance or group with this id.

        Raises:
            InputError: the register has no such id.
        """
        if substance_id not in self.by_id:
            raise InputError(
                f"No substance {substance_id!r} in the register. Ids are listed in "
                "config/substances.csv; for a name run: dews resolve"
            )
        return self.by_id[substance_id]

    def resolve(self, text: str) -> tuple[Recognition, ...]:
        """Find the substances that a text names, in the order of the text.

        The longest name wins. A substance named twice is given once, but a negated mention
        and a plain one stay apart. Nothing is guessed: a misspelling that is no alias is
        not found.

        Example:
            >>> from pathlib import Path
            >>> substances = load_substances(Path("config/substances.csv"))
            >>> [(m.substance_id, m.negated) for m in substances.resolve("skag, no fentanyl")]
            [('heroin', False), ('fentanyl', True)]
        """
        recognitions: dict[tuple[str, bool], Recognition] = {}
        for match in find_names(text, self.names):
            recognitions.setdefault(
                (match.name.identifier, match.is_negated),
                Recognition(
                    substance_id=match.name.identifier,
                    name=self.by_id[match.name.identifier].name,
                    matched_text=text[match.start : match.end],
                    how=match.how,
                    confidence=match.confidence,
                    negated=match.is_negated,
                ),
            )
        return tuple(recognitions.values())

    def resolve_name(self, text: str) -> str | None:
        """Find the id of a whole cell that is one name, alias or street name, else None."""
        name = self.names.by_key.get(name_key(cut_words(text)))
        return None if name is None else name.identifier

    def ancestors(self, substance_id: str) -> tuple[str, ...]:
        """List the groups above, nearest first; the last is ``all``."""
        return self.tree.ancestors[self.get(substance_id).substance_id]

    def descendants(self, substance_id: str) -> frozenset[str]:
        """List everything below a group, and the group itself."""
        return self.tree.descendants[self.get(substance_id).substance_id]

    def is_group(self, substance_id: str) -> bool:
        """Tell whether the id is that of a group."""
        return self.get(substance_id).is_group

    def all(self) -> tuple[Substance, ...]:
        """List substances and groups in the order of the table."""
        return tuple(self.by_id.values())


def load_substances(path: Path) -> SubstanceRegister:
    """Read the substances.

    Raises:
        SettingsError: an id or a folded name stands twice, a parent is missing or no group,
            or a code is not one of its list.
    """
    by_id: dict[str, Substance] = {}
    for row in read_table(path, columns=_COLUMNS):
        if row["substance_id"] in by_id:
            raise SettingsError(f"{path.name}: the id {row['substance_id']!r} stands twice.")
        by_id[row["substance_id"]] = _read_substance(row, path.name)
    tree = grow_tree({key: entry.parent for key, entry in by_id.items()}, table=path.name)
    for entry in by_id.values():
        if entry.parent and not by_id[entry.parent].is_group:
            raise SettingsError(
                f"{path.name}: {entry.substance_id!r} stands below {entry.parent!r}, which is "
                "no group. Nothing was loaded. Choose a group as its parent."
            )
    return SubstanceRegister(by_id=by_id, tree=tree, names=_index_names(by_id, path.name))


def _read_substance(row: Row, table: str) -> Substance:
    _require(row, "is_group", ("yes", "no"), table)
    _require(row, "clinical_class", CLINICAL_CLASSES, table)
    _require(row, "naloxone_responsive", NALOXONE_ANSWERS, table)
    everyday_words = split_list(row["everyday_words"])
    return Substance(
        substance_id=row["substance_id"],
        name=row["name"],
        parent=row["parent"],
        is_group=row["is_group"] == "yes",
        clinical_class=row["clinical_class"],
        chemical_class=row["chemical_class"],
        aliases=split_list(row["aliases"]),
        street_names=split_list(row["street_names"]) + everyday_words,
        naloxone_responsive=row["naloxone_responsive"],
        everyday_words=everyday_words,
        references=split_list(row["references"]),
    )


def _require(row: Row, column: str, allowed: tuple[str, ...], table: str) -> None:
    if row[column] not in allowed:
        raise SettingsError(
            f"{table}: {row['substance_id']!r} has the {column} {row[column]!r}. "
            f"Nothing was loaded. Use one of: {', '.join(allowed)}."
        )


def _index_names(by_id: Mapping[str, Substance], table: str) -> NameIndex:
    by_key: dict[str, Name] = {}
    for entry in by_id.values():
        everyday = set(entry.everyday_words)
        spellings = [(entry.name, "name")]
        spellings += [(alias, "alias") for alias in entry.aliases]
        spellings += [(street_name, "street name") for street_name in entry.street_names]
        for spelling, how in spellings:
            words = cut_words(spelling)
            key = name_key(words)
            if not key or key in by_key:
                raise SettingsError(
                    f"{table}: {spelling!r} of {entry.substance_id!r} is empty or already a name "
                    f"of {by_key[key].identifier if key else 'nothing'!r}. "
                    "Nothing was loaded. Keep it at one of them."
                )
            by_key[key] = Name(
                identifier=entry.substance_id,
                how=how,
                is_everyday=spelling in everyday,
                is_one_word=len(words) == 1,
            )
    return NameIndex.build(by_key)
