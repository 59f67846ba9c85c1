import csv
import gzip
import json
from pathlib import Path

import pytest

from surveillance.errors import InputError
from surveillance.evaluate import read_truth
from surveillance.register import Register
from surveillance.simulate import GENERATORS, Choices, SimulationSummary, simulate


def write(out_dir: Path, register: Register, **changed: int | str | Choices) -> SimulationSummary:
    arguments = {"weeks": 20, "seed": 3, "end_week": "2026-W40", **changed}
    return simulate(out_dir, register=register, **arguments)  # type: ignore[arg-type]


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"end_week": "2026-40"}, "2026-W40"),
        ({"end_week": "2026-W54"}, "not an ISO week"),
        ({"weeks": 0}, "0 weeks"),
        ({"weeks": 10_000_000}, "before the calendar"),
        ({"seed": -1}, "seed -1"),
        ({"choices": Choices(reports_per_week=0)}, "0 reports a week"),
        ({"choices": Choices(reports_per_week=1e9)}, "at most 100,000"),
        ({"choices": Choices(twin_share=1.5)}, "1.5 is no share"),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused_before_anything_is_written(
    tmp_path: Path, register: Register, changed: dict[str, int | str], said: str
) -> None:
    with pytest.raises(InputError, match=said):
        write(tmp_path / "out", register, **changed)

    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_written_is_an_error_that_names_it(
    tmp_path: Path, register: Register
) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(InputError, match="Cannot write the simulated files") as caught:
        write(tmp_path / "file" / "out", register)

    assert str(tmp_path / "file" / "out") in str(caught.value)


def test_a_disk_that_fills_up_leaves_no_half_written_file(
    tmp_path: Path, register: Register, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill_up(path: Path, data: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", fill_up)

    with pytest.raises(InputError, match="No space left on device"):
        write(tmp_path, register)

    assert contents(tmp_path) == {}


def test_files_of_other_arguments_are_kept_unless_told_otherwise(
    tmp_path: Path, register: Register
) -> None:
    write(tmp_path, register)
    before = contents(tmp_path)

    with pytest.raises(InputError, match="--force"):
        write(tmp_path, register, seed=4)
    untouched = contents(tmp_path)
    write(tmp_path, register, seed=4, choices=Choices(replace=True))

    assert untouched == before
    assert contents(tmp_path) != before


def test_the_same_arguments_write_the_same_bytes_and_running_again_changes_nothing(
    tmp_path: Path, register: Register
) -> None:
    first = write(tmp_path / "one", register)
    write(tmp_path / "two", register)
    again = write(tmp_path / "one", register)

    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    with_rows = sum(count > 0 for count in first.rows.values())
    assert len(first.written) == len(first.files) == with_rows + 3
    assert with_rows > 8
    assert again.written == ()


def test_another_seed_writes_other_bytes(tmp_path: Path, register: Register) -> None:
    write(tmp_path / "one", register)
    write(tmp_path / "two", register, seed=4)

    one, two = contents(tmp_path / "one"), contents(tmp_path / "two")

    assert one.keys() == two.keys()
    feeds = [path for path in one if path.startswith("inbox/")]
    assert all(one[path] != two[path] for path in feeds)


def test_each_feed_has_its_columns_and_never_the_truth(tmp_path: Path, register: Register) -> None:
    summary = write(tmp_path, register)

    for feed, generator in GENERATORS.items():
        if not summary.rows[feed]:
            assert not (tmp_path / generator.path(feed)).exists()
            continue
        text = gzip.decompress((tmp_path / generator.path(feed)).read_bytes()).decode()
        lines = text.splitlines()
        if generator.suffix == "jsonl.gz":
            assert {tuple(json.loads(line)) for line in lines} == {generator.columns}
            assert len(lines) == summary.rows[feed]
        else:
            assert tuple(next(csv.reader(lines))) == generator.columns
            assert len(lines) == summary.rows[feed] + 1
        assert "event_id" not in text
        assert "harm_id" not in text


def test_the_truth_reads_back_as_it_was_planted(tmp_path: Path, register: Register) -> None:
    summary = write(tmp_path, register)

    assert read_truth(tmp_path / "truth.csv") == list(summary.events)
    assert len(summary.events) > 3


def test_one_file_a_month_holds_the_same_rows_as_one_file_a_feed(
    tmp_path: Path, register: Register
) -> None:
    whole = write(tmp_path / "whole", register)
    by_month = write(tmp_path / "months", register, choices=Choices(by="month"))

    assert whole.rows == by_month.rows
    for feed in (name for name, count in whole.rows.items() if count):
        generator = GENERATORS[feed]
        parts = sorted((tmp_path / "months" / "inbox" / feed).iterdir())
        texts = [gzip.decompress(path.read_bytes()).decode() for path in parts]
        head = "" if generator.suffix == "jsonl.gz" else texts[0].partition("\n")[0] + "\n"
        joined = head + "".join(text.removeprefix(head) for text in texts)
        one = (tmp_path / "whole" / generator.path(feed)).read_bytes()
        assert joined == gzip.decompress(one).decode(), feed


def test_a_file_of_a_month_holds_what_was_received_in_it(
    tmp_path: Path, register: Register
) -> None:
    write(tmp_path, register, choices=Choices(by="month"))

    for path in (tmp_path / "inbox" / "deaths").iterdir():
        rows = list(csv.DictReader(gzip.decompress(path.read_bytes()).decode().splitlines()))
        assert {f"deaths-{row['received_at'][:7]}.csv.gz" for row in rows} == {path.name}


def test_the_month_in_which_a_feed_is_silent_has_no_file(
    tmp_path: Path, register: Register
) -> None:
    write(tmp_path, register, choices=Choices(by="month", scenarios=frozenset("H")))

    months = {path.name[14:21] for path in (tmp_path / "inbox" / "street_events").iterdir()}

    assert max(months) == "2026-08"
