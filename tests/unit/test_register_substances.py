"""Substances: what a text names, and what it only seems to name."""

from datetime import date
from pathlib import Path

import pytest

from surveillance.errors import InputError, SettingsError
from surveillance.register import Register, SubstanceRegister
from surveillance.register.substances import load_substances

HEADER = (
    "substance_id,name,parent,is_group,clinical_class,chemical_class,legal_status,legal_since,"
    "naloxone_responsive,missed_by,inchikey,marker_of,aliases,street_names,everyday_words,"
    "references\n"
)
ALL = "all,All substances,,yes,unknown,various,unknown,,unknown,,,,,,,\n"
OPIOIDS = "opioids,Opioids,all,yes,opioid,various,unknown,,yes,opiate_immunoassay,,,,,,\n"
HEROIN = "heroin,Heroin,all,no,opioid,morphinan,class_a,1973-07-01,yes,,,,,,,\n"


@pytest.fixture
def substances(register: Register) -> SubstanceRegister:
    return register.substances


def named(substances: SubstanceRegister, text: str) -> list[str]:
    return [found.substance_id for found in substances.resolve(text) if not found.negated]


def denied(substances: SubstanceRegister, text: str) -> list[str]:
    return [found.substance_id for found in substances.resolve(text) if found.negated]


def write(folder: Path, *lines: str) -> Path:
    path = folder / "substances.csv"
    path.write_text(HEADER + "".join(lines), encoding="utf-8")
    return path


def test_a_missing_table_says_which_and_where(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"substances\.csv .* cannot be read"):
        load_substances(tmp_path / "substances.csv")


def test_a_table_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "substances.csv"
    path.write_bytes(HEADER.encode() + b"caf\xe9,\xff\n")

    with pytest.raises(SettingsError, match="UTF-8"):
        load_substances(path)


def test_another_header_is_refused_with_the_right_one(tmp_path: Path) -> None:
    path = tmp_path / "substances.csv"
    path.write_text("id,name\n", encoding="utf-8")

    with pytest.raises(SettingsError, match="first line must be: substance_id,name,parent"):
        load_substances(path)


def test_a_line_with_a_comma_too_many_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, ALL, HEROIN.replace("\n", ",\n"))

    with pytest.raises(SettingsError, match="line 3: 17 fields where 16 belong"):
        load_substances(path)


def test_a_parent_without_a_line_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, ALL, HEROIN.replace(",all,", ",opioids,"))

    with pytest.raises(SettingsError, match="'heroin' has the parent 'opioids'"):
        load_substances(path)


def test_a_circle_of_parents_is_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "one,One,two,yes,unknown,x,unknown,,unknown,,,,,,,\n",
        "two,Two,one,yes,unknown,x,unknown,,unknown,,,,,,,\n",
    )

    with pytest.raises(SettingsError, match="circle"):
        load_substances(path)


def test_a_substance_below_a_substance_is_refused(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        ALL,
        HEROIN,
        HEROIN.replace("heroin,Heroin,all", "brown,Brown heroin,heroin"),
    )

    with pytest.raises(SettingsError, match="which is no group"):
        load_substances(path)


@pytest.mark.parametrize("alias", ["U 47700", "u47700", "U-47,700".replace(",", "")])
def test_an_alias_that_differs_only_in_hyphens_is_a_double(tmp_path: Path, alias: str) -> None:
    path = write(
        tmp_path,
        ALL,
        "u_47700,U-47700,all,no,opioid,x,class_a,,yes,,,,,,,\n",
        f"other,Other,all,no,opioid,x,class_a,,yes,,,,{alias},,,\n",
    )

    with pytest.raises(SettingsError, match="already a name of 'u_47700'"):
        load_substances(path)


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'heroin' stands twice"):
        load_substances(write(tmp_path, ALL, HEROIN, HEROIN))


def test_a_clinical_class_outside_the_list_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, ALL, HEROIN.replace("opioid", "downer"))

    with pytest.raises(SettingsError, match="clinical_class 'downer'"):
        load_substances(path)


@pytest.mark.parametrize(
    ("good", "bad", "message"),
    [
        ("class_a", "class_d", "legal_status 'class_d'"),
        ("1973-07-01", "1.7.1973", "legal_since '1.7.1973'"),
        (",yes,,", ",yes,tea_leaves,", "missed_by 'tea_leaves'"),
        (",yes,,,", ",yes,,GVGLGOZIDCSQPN,", "InChIKey 'GVGLGOZIDCSQPN'"),
        (",yes,,,,", ",yes,,,no_such_drug,", "marker of 'no_such_drug'"),
    ],
)
def test_a_fact_that_cannot_be_read_is_refused(
    tmp_path: Path, good: str, bad: str, message: str
) -> None:
    path = write(tmp_path, ALL, HEROIN.replace(good, bad))

    with pytest.raises(SettingsError, match=message):
        load_substances(path)


def test_a_substance_is_missed_by_the_tests_of_its_group_unless_it_says_otherwise(
    tmp_path: Path,
) -> None:
    lines = {
        "as_its_group": ",yes,,",
        "otherwise": ",yes,fentanyl_strip|routine_urine_screen,",
        "found": ",yes,none,",
    }
    path = write(
        tmp_path,
        ALL,
        OPIOIDS,
        *(
            HEROIN.replace("heroin,Heroin,all", f"{key},{key},opioids").replace(",yes,,", missed)
            for key, missed in lines.items()
        ),
    )

    substances = load_substances(path)

    assert substances.tests_that_miss("as_its_group") == ("opiate_immunoassay",)
    assert substances.tests_that_miss("otherwise") == ("fentanyl_strip", "routine_urine_screen")
    assert substances.tests_that_miss("found") == ()
    assert substances.tests_that_miss("all") == ()


def test_facts_about_a_substance_are_read_as_they_stand(tmp_path: Path) -> None:
    key = "GVGLGOZIDCSQPN-PVHGPHFFSA-N"
    marker = HEROIN.replace("heroin,Heroin", "marker,Marker").replace(
        ",yes,,,,", f",yes,,{key},heroin,"
    )

    substances = load_substances(write(tmp_path, ALL, HEROIN, marker))

    heroin, shown_by = substances.get("heroin"), substances.get("marker")
    assert (heroin.legal_status, heroin.legal_since) == ("class_a", date(1973, 7, 1))
    assert (shown_by.inchikey, shown_by.marker_of) == (key, ("heroin",))
    assert heroin.marker_of == ()


@pytest.mark.parametrize("text", ["", "   ", ",;/", "\x00", "\u200b", "and", "no"])
def test_a_text_without_words_names_nothing(substances: SubstanceRegister, text: str) -> None:
    assert substances.resolve(text) == ()
    assert substances.resolve_name(text) is None


def test_a_substance_we_do_not_know_is_not_guessed(substances: SubstanceRegister) -> None:
    assert substances.resolve("Acute zyxaline toxicity") == ()
    assert substances.resolve_name("fentanylx") is None


def test_an_unknown_id_is_an_error_that_says_where_ids_are(substances: SubstanceRegister) -> None:
    with pytest.raises(InputError, match=r"config/substances\.csv"):
        substances.get("no_such_thing")


def test_nul_bytes_stand_between_words(substances: SubstanceRegister) -> None:
    assert named(substances, "heroin\x00fentanyl") == ["heroin", "fentanyl"]


def test_a_very_long_text_is_read_to_its_end(substances: SubstanceRegister) -> None:
    text = "a fall of speed, " * 20_000 + "fentanyl"

    assert named(substances, text) == ["fentanyl"]


def test_a_word_without_an_end_is_no_match(substances: SubstanceRegister) -> None:
    assert substances.resolve("heroin" * 50_000) == ()


@pytest.mark.parametrize(
    "text",
    [
        "driving at speed",
        "slipped on ice, heroin suspected",
        "fracture of the base of the skull",
        "gastric acid",
        "vitamin K given",
        "crack in the wall",
        "a brown tablet",
        "white horse, black mamba in the zoo",
        "she met the DOC about her DOB",
        "took the base rate",
        "has hope, we edit",
    ],
)
def test_plain_english_is_no_drug(substances: SubstanceRegister, text: str) -> None:
    assert set(named(substances, text)) <= {"heroin"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("speed", ["amphetamine"]),
        ("SPICE", ["synthetic_cannabinoids"]),
        ("ice / base", ["methamphetamine", "amphetamine"]),
        ("took speed and ice", ["amphetamine", "methamphetamine"]),
        ("ice, speed & heroin", ["methamphetamine", "amphetamine", "heroin"]),
        ("had smoked some spice", ["synthetic_cannabinoids"]),
        ("a bag of brown", ["heroin"]),
        ("crack use", ["crack_cocaine"]),
        ("Black Mamba", ["synthetic_cannabinoids"]),
    ],
)
def test_an_everyday_word_counts_alone_in_a_list_or_beside_drug_use(
    substances: SubstanceRegister, text: str, expected: list[str]
) -> None:
    assert named(substances, text) == expected


@pytest.mark.parametrize(
    ("text", "present", "absent"),
    [
        ("no fentanyl", [], ["fentanyl"]),
        ("negative for fentanyl, cocaine", [], ["fentanyl", "cocaine"]),
        ("denies heroin, cocaine or speed", [], ["heroin", "cocaine", "amphetamine"]),
        ("denies use of heroin. Took ketamine", ["ketamine"], ["heroin"]),
        ("PCP NEG", [], ["pcp"]),
        ("morphine no 6mam", ["morphine"], ["6_monoacetylmorphine"]),
        ("Morphine (Not Heroin)", ["morphine"], ["heroin"]),
        ("cocaine was not detected", [], ["cocaine"]),
        ("no fentanyl detected", [], ["fentanyl"]),
        ("heroin, fentanyl negative", ["heroin"], ["fentanyl"]),
        ("heroin, negative for fentanyl", ["heroin"], ["fentanyl"]),
        ("fentanyl negative, heroin overdose", ["heroin"], ["fentanyl"]),
        ("no fentanyl, heroin positive", ["heroin"], ["fentanyl"]),
        ("not alcohol but heroin", ["heroin"], ["alcohol"]),
        ("no known allergies, heroin found", ["heroin"], []),
        ("without evidence of xylazine", [], ["xylazine"]),
    ],
)
def test_a_denial_reaches_as_far_as_the_text_lets_it(
    substances: SubstanceRegister, text: str, present: list[str], absent: list[str]
) -> None:
    assert (named(substances, text), denied(substances, text)) == (present, absent)


def test_a_substance_both_denied_and_found_is_given_twice(substances: SubstanceRegister) -> None:
    found = substances.resolve("denies heroin; urine: heroin, heroin")

    assert [(m.substance_id, m.negated) for m in found] == [("heroin", True), ("heroin", False)]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("FENTANYL", "fentanyl"),
        ("Fentanyl Analogue", "fentanyls"),
        ("Ethanol", "alcohol"),
        ("PCP", "pcp"),
        ("BUPREN", "buprenorphine"),
        ("buprenor", "buprenorphine"),
        ("HYDROMORPH", "hydromorphone"),
        ("Tramad", "tramadol"),
        ("Amphet", "amphetamine"),
        ("Meth/Amphetamine", "amphetamines"),
        ("methamphetamine", "methamphetamine"),
        ("Benzodiazepine", "benzodiazepines"),
        ("Opiate NOS", "opioids"),
        ("Heroin/Morph/Codeine", "opioids"),
        ("Any Opioid", "opioids"),
        ("Other Opioid", "other_opioids"),
        ("U47700", "u_47700"),
        ("u 47700", "u_47700"),
        ("difluro", "difluoroethane"),
        ("4-anpp", "4_anpp"),
        ("N-Ethyl Pentylone", "n_ethylpentylone"),
        ("\N{GREEK SMALL LETTER ALPHA}-PVP", "alpha_pvp"),
        ("N,N-DMT", "dmt"),
        ("Fentan\u00ffl".replace("\u00ff", "y\u0301"), "fentanyl"),
        ("unknown", "unknown"),
    ],
)
def test_a_cell_is_read_as_laboratories_and_offices_write_it(
    substances: SubstanceRegister, written: str, expected: str
) -> None:
    assert substances.resolve_name(written) == expected
    assert named(substances, written) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "Xylazine, PCP",
        "xylazine;pcp",
        " XYLAZINE +PCP. ",
        "Xylazine/PCP",
        "(xylazine) & [pcp]",
        "xylazine,,;PCP,",
        "Xylazine and pcp",
        "xylazine\npcp",
        "xylazine|pcp",
    ],
)
def test_lists_are_read_whatever_their_punctuation(
    substances: SubstanceRegister, text: str
) -> None:
    assert named(substances, text) == ["xylazine", "pcp"]


def test_two_names_in_a_list_are_never_joined_to_a_third(substances: SubstanceRegister) -> None:
    assert named(substances, "meth, amphetamine") == ["methamphetamine", "amphetamine"]
    assert substances.resolve_name("meth, amphetamine") is None


def test_the_longest_name_wins(substances: SubstanceRegister) -> None:
    assert named(substances, "acetyl fentanyl toxicity") == ["acetylfentanyl"]
    assert named(substances, "isopropyl alcohol and ethyl alcohol") == ["isopropanol", "alcohol"]


@pytest.mark.parametrize(
    ("text", "how", "confidence"),
    [
        ("Heroin toxicity", "name", 1.0),
        ("diamorphine toxicity", "alias", 0.95),
        ("benzos found", "plural", 0.9),
        ("skag found", "street name", 0.8),
        ("spice", "street name", 0.7),
        ("took spice at home", "street name", 0.6),
    ],
)
def test_a_recognition_says_how_it_was_made_and_how_far_to_trust_it(
    substances: SubstanceRegister, text: str, how: str, confidence: float
) -> None:
    (found,) = substances.resolve(text)

    assert (found.how, found.confidence) == (how, confidence)


def test_a_recognition_quotes_the_text_as_it_stood(substances: SubstanceRegister) -> None:
    (found,) = substances.resolve("Combined U 47700 effects")

    assert (found.matched_text, found.name) == ("U 47700", "U-47700")


def test_ancestors_run_from_the_nearest_group_to_all(substances: SubstanceRegister) -> None:
    assert substances.ancestors("carfentanil") == ("fentanyls", "opioids", "all")
    assert substances.ancestors("all") == ()
    assert substances.is_group("fentanyls")
    assert "carfentanil" in substances.descendants("opioids")
    assert substances.descendants("heroin") == {"heroin"}
