"""Links: which records probably tell of one event, and what linkage compares to say so."""

from dataclasses import dataclass

import pandas as pd

# A link is undirected; the record that comes first by feed and key stands first.
LINK_KEY = ("feed", "source_ref", "other_feed", "other_ref")
LINK_COLUMNS = (*LINK_KEY, "probability", "decided_by")
LINKED_KINDS = ("reaction_report", "death")
TOLD_COLUMNS = (
    "version_id",
    "kind",
    "feed",
    "source_ref",
    "occurred_on",
    "occurred_precision",
    "area_code",
    "count_low",
    "count_high",
    "age_band",
    "sex",
    "setting",
    "person_key",
    "reporter_role",
    "seriousness",
    "naloxone_given",
    "outcome",
    "place_type",
)


@dataclass(frozen=True)
class Told:
    """What records of persons tell, as far as linkage compares it, as known at a moment.

    Attributes:
        records: one row a record, with the columns of TOLD_COLUMNS.
        mentions: version_id, substance_id and role of each substance named.
        reactions: version_id and reaction_code of each reaction named.
    """

    records: pd.DataFrame
    mentions: pd.DataFrame
    reactions: pd.DataFrame
