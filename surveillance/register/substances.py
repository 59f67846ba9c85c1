"""Substances and their nested groups, and what a text names of them.

A case known only as far as a group ("benzodiazepine") resolves to the group, which is as
good an id as any. The clinical class is the effect by which NEPTUNE sorts treatment.

Source: Abdulrahim and Bowden-Jones (2015), Guidance on the clinical management of acute and
chronic harms of club drugs and novel psychoactive substances (NEPTUNE).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
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
    "legal_status",
    "legal_since",
    "naloxone_responsive",
    "missed_by",
    "inchikey",
    "marker_of",
    "aliases",
    "street_names",
    "everyday_words",
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
# Misuse of Drugs Act 1971, Psychoactive Substances Act 2016, Human Medicines Regulations 2012.
LEGAL_STATUSES = (
    "class_a",
    "class_b",
    "class_c",
    "psa",
    "pom",
    "p",
    "gsl",
    "uncontrolled",
    "unknown",
)
TESTS = (
    "fentanyl_strip",
    "nitazene_strip",
    "benzodiazepine_strip",
    "xylazine_strip",
    "opiate_immunoassay",
    "fentanyl_immunoassay",
    "benzodiazepine_immunoassay",
    "amphetamine_immunoassay",
    "cannabis_immunoassay",
    "cocaine_immunoassay",
    "breath_alcohol",
    "routine_urine_screen",
    "standard_toxicology",
)
# Says that no test of the list misses the substance, where its group says otherwise.
MISSED_BY_NONE = "none"
_INCHIKEY = re.compile(r"[A-Z]{14}-[A-Z]{10}-[A-Z]")


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
        legal_status: its place in the law of the United Kingdom, one of ``LEGAL_STATUSES``.
        legal_since: the day that status came into force; None where we do not know it.
        missed_by: tests that commonly miss it, of ``TESTS``, or ``none``; empty means as its
            group, see :meth:`SubstanceRegister.tests_that_miss`.
        inchikey: the structure's public key; empty for groups, mixtures and where not known.
        marker_of: entries whose use it shows, the likeliest first; empty for what is taken
            for its own sake, also where it is a metabolite of something else.
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
    legal_status: str = "unknown"
    legal_since: date | None = None
    missed_by: tuple[str, ...] = ()
    inchikey: str = ""
    marker_of: tuple[str, ...] = ()
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

    def tests_that_miss(self, substance_id: str) -> tuple[str, ...]:
        """List the common tests that miss a substance, its own or else its nearest group's.

        An empty list means that nobody has said so, not that every test finds it.

        Example:
            >>> from pathlib import Path
            >>> substances = load_substances(Path("config/substances.csv"))
            >>> substances.tests_that_miss("protonitazene")
            ('opiate_immunoassay', 'fentanyl_strip', 'routine_urine_screen')
        """
        for entry in (substance_id, *self.ancestors(substance_id)):
            stated = self.by_id[entry].missed_by
            if stated:
                return () if stated == (MISSED_BY_NONE,) else stated
        return ()

    def is_group(self, substance_id: str) -> bool:
        """Tell whether the id is that of a group."""
        return self.get(substance_id).is_group

    def all(self) -> tuple[Substance, ...]:
        """List substances and groups in the order of the table."""
        return tuple(self.by_id.values())


def load_substances(path: Path) -> SubstanceRegister:
    """Read the substances.

    Raises:
        SettingsError: an id or a folded name stands twice, a parent or the substance of a
            marker is missing, a parent is no group, a code is not one of its list, or a date
            or InChIKey is none.
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
        strangers = [key for key in entry.marker_of if key not in by_id]
        if strangers:
            raise SettingsError(
                f"{path.name}: {entry.substance_id!r} is a marker of {strangers[0]!r}, which has "
                "no line. Nothing was loaded. Add it or mend the name."
            )
    return SubstanceRegister(by_id=by_id, tree=tree, names=_index_names(by_id, path.name))


def _read_substance(row: Row, table: str) -> Substance:
    _require(row, "is_group", ("yes", "no"), table)
    _require(row, "clinical_class", CLINICAL_CLASSES, table)
    _require(row, "naloxone_responsive", NALOXONE_ANSWERS, table)
    _require(row, "legal_status", LEGAL_STATUSES, table)
    missed_by = split_list(row["missed_by"])
    if missed_by != (MISSED_BY_NONE,):
        for test in missed_by:
            _require({**row, "missed_by": test}, "missed_by", TESTS, table)
    if row["inchikey"] and not _INCHIKEY.fullmatch(row["inchikey"]):
        raise SettingsError(
            f"{table}: {row['substance_id']!r} has the InChIKey {row['inchikey']!r}, which is "
            "none. Nothing was loaded. Copy its 27 signs whole or leave the field empty."
        )
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
        legal_status=row["legal_status"],
        legal_since=_read_date(row, table),
        missed_by=missed_by,
        inchikey=row["inchikey"],
        marker_of=split_list(row["marker_of"]),
        references=split_list(row["references"]),
    )


def _read_date(row: Row, table: str) -> date | None:
    written = row["legal_since"]
    try:
        return date.fromisoformat(written) if written else None
    except ValueError as error:
        raise SettingsError(
            f"{table}: {row['substance_id']!r} has the legal_since {written!r}. "
            "Nothing was loaded. Write a day as 2016-05-26 or leave the field empty."
        ) from error


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
