"""Substances and reactions, however a source names them; and counts instead of records."""

import json
from collections.abc import Callable

from surveillance.domain import SubstanceMention
from surveillance.feeds.parsing import ParsedBatch
from surveillance.register import Register

Read = Callable[..., ParsedBatch]


def with_substances(text: str, rules: str) -> str:
    return text[: text.index("[[substances")] + rules


FLAGS = """
[substances.flags]
role = "detected"
present = ["Y", "Y POPS"]
absent = ["N", "PCP NEG"]
[substances.flags.columns]
"Fentanyl" = "fentanyl"
"Other Opioid" = "other_opioids"
[[substances.text]]
column = "Other Opioid"
role = "detected"
[[substances.text]]
column = "cause"
role = "implicated"
keep_unrecognised = false
"""
HEAD = "id,received,area,day,Fentanyl,Other Opioid,cause\n"
START = "1,2026-10-02T09:00:00Z,E06000002,2026-10-01,"


def named(parsed: ParsedBatch) -> list[list[tuple[str, str]]]:
    return [[(one.substance_id, one.role) for one in row] for row in parsed.rows["substances"]]


def test_a_flag_that_says_neither_is_taken_as_absent_and_counted(
    read: Read, description_text: str
) -> None:
    content = HEAD + START + "MAYBE,,\n" + START + "n,,\n" + START + "y pops,,\n"

    parsed = read(content, text=with_substances(description_text, FLAGS))

    assert named(parsed) == [
        [("unknown", "suspect")],
        [("unknown", "suspect")],
        [("fentanyl", "detected")],
    ]
    assert (
        "Fentanyl: 1 of 3 values say neither present nor absent; taken as absent" in parsed.findings
    )


def test_a_column_may_hold_a_tick_or_a_name(read: Read, description_text: str) -> None:
    content = HEAD + START + ",Y,\n" + START + ",Buprenorphine,\n" + START + ",N,\n"

    parsed = read(content, text=with_substances(description_text, FLAGS))

    assert named(parsed) == [
        [("other_opioids", "detected")],
        [("buprenorphine", "detected")],
        [("unknown", "suspect")],
    ]
    assert parsed.findings == ()


def test_words_of_a_certificate_add_what_they_name_and_nothing_else(
    read: Read, description_text: str
) -> None:
    content = HEAD + START + "Y,,Multiple drug toxicity\n" + START + "Y,,Fentanyl intoxication\n"

    parsed = read(content, text=with_substances(description_text, FLAGS))

    assert named(parsed) == [
        [("fentanyl", "detected")],
        [("fentanyl", "detected"), ("fentanyl", "implicated")],
    ]


def test_a_substance_named_twice_in_one_role_is_mentioned_once(read: Read) -> None:
    content = "id,received,area,day,drug\n" + START + "heroin;Heroin;zyx;zyx;wvu\n"

    parsed = read(content)

    mentions = [(one.substance_id, one.verbatim) for one in parsed.rows["substances"][0]]
    assert mentions == [("heroin", "heroin"), ("unknown", "zyx"), ("unknown", "wvu")]


def test_a_constant_substance_stands_in_every_record(read: Read, description_text: str) -> None:
    text = with_substances(
        description_text, '[substances]\nconstant = "opioids"\nrole = "implicated"\n'
    )

    parsed = read("id,received,area,day\n" + START.strip(",") + "\n", text=text)

    assert parsed.rows["substances"][0] == [SubstanceMention("opioids", "opioids", "implicated")]


NESTED = """
[substances.nested]
column = "substances"
[reactions]
column = "reactions"
"""


def report(**fields: object) -> str:
    base = {"id": "1", "received": "2026-10-02T09:00:00Z", "area": "E06000002", "day": "2026-10-01"}
    return json.dumps({**base, "substances": [], "reactions": [], **fields}) + "\n"


def test_nested_substances_that_cannot_be_read_hold_the_row_back(
    read: Read, description_text: str
) -> None:
    text = with_substances(description_text, NESTED).replace('"csv"', '"jsonl"')
    content = (
        report(substances="heroin")
        + report(substances=["heroin"])
        + report(substances=[{"name": "heroin", "role": "culprit"}])
        + report(substances=None)
    )

    parsed = read(content, text=text)

    assert [row.reasons for row in parsed.rejected] == [
        ("substances: 'substances' is not a list of objects",),
        ("substances: 'substances' is not a list of objects",),
        (
            "substances: a role is not one of suspect, co-used, antidote, detected, implicated, "
            "sold-as, adulterant",
        ),
    ]
    assert parsed.rows["row_number"].tolist() == [4]


def test_nested_substances_keep_their_roles_and_a_nameless_one_is_unknown(
    read: Read, description_text: str
) -> None:
    text = with_substances(description_text, NESTED).replace('"csv"', '"jsonl"')
    content = report(
        substances=[
            {"name": "heroin", "role": "co-used"},
            {"name": "ketamine"},
            {"role": "suspect"},
        ]
    )

    parsed = read(content, text=text)

    assert named(parsed) == [
        [("heroin", "co-used"), ("ketamine", "suspect"), ("unknown", "suspect")]
    ]


def test_a_list_of_names_in_json_needs_no_separator(read: Read, description_text: str) -> None:
    text = description_text.replace('"csv"', '"jsonl"')

    parsed = read(report(drug=["heroin", "zyx"]), text=text)

    assert named(parsed) == [[("heroin", "detected"), ("unknown", "detected")]]


def test_json_rows_may_leave_out_what_a_record_can_do_without(
    read: Read, description_text: str
) -> None:
    text = with_substances(description_text, NESTED).replace('"csv"', '"jsonl"')
    text = text.replace("[columns]", '[columns]\nsex = "sex"\nwithdrawn = "withdrawn"')

    parsed = read(report() + report(withdrawn=True), text=text)

    assert parsed.rows["sex"].tolist() == [None, None]
    assert parsed.rows["withdrawn"].tolist() == [False, True]


def test_an_unknown_reaction_is_kept_as_unknown_and_counted(
    read: Read, description_text: str, register: Register
) -> None:
    known = register.reactions.all()[0].code
    text = with_substances(description_text, NESTED).replace('"csv"', '"jsonl"')

    parsed = read(report(reactions=[known, "glowing ears", known]), text=text)

    assert parsed.rows["reactions"][0] == [known, "unknown"]
    assert "1 of 2 reaction terms not recognised" in parsed.findings


COUNTS = """
[[counts]]
column = "n"
substance = "all"
role = "implicated"
[[counts]]
column = "o"
substance = "opioids"
role = "implicated"
suppressed = { "-" = [0, 2] }
missing = []
"""
COUNT_HEAD = "id,received,area,day,n,o\n"


def test_a_count_that_is_no_count_holds_the_row_back(read: Read, description_text: str) -> None:
    content = COUNT_HEAD + START + "x,-1\n" + START + "1.5,\n"

    parsed = read(content, text=with_substances(description_text, COUNTS))

    assert parsed.rows.empty
    assert [row.reasons for row in parsed.rejected] == [
        ("count 'n': not a whole number", "count 'o': below zero"),
        ("count 'n': not a whole number", "count: 'o' is empty"),
    ]


def test_a_suppressed_count_is_an_interval_and_a_missing_one_no_record(
    read: Read, description_text: str
) -> None:
    content = COUNT_HEAD + START + "7,-\n" + START.replace("1,", "2,", 1) + ",3\n"

    parsed = read(content, text=with_substances(description_text, COUNTS))

    columns = ["row_number", "source_ref", "count_low", "count_high"]
    assert parsed.rows[columns].to_numpy().tolist() == [
        [1, "1:n", 7, 7],
        [1, "1:o", 0, 2],
        [2, "2:o", 3, 3],
    ]
    assert named(parsed) == [
        [("all", "implicated")],
        [("opioids", "implicated")],
        [("opioids", "implicated")],
    ]
    assert (parsed.rows_present, parsed.rows_accepted) == (2, 2)
    assert parsed.findings == (
        "n: 1 of 2 counts not supplied",
        "o: 1 of 2 counts hidden by the source, kept as an interval",
    )
