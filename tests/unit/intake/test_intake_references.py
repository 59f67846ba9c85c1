import pytest

from surveillance.domain.references import ALPHABET, make_reference, read_reference, spell

ONE = make_reference([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5])


@pytest.mark.parametrize(
    "written", ["", "6F7P", ONE[:-1], ONE + "2", ONE.replace(ONE[0], "0"), "name of a person"]
)
def test_what_is_no_reference_is_not_read(written: str) -> None:
    assert read_reference(written) is None


def test_every_single_wrong_sign_is_caught() -> None:
    signs = ONE.replace("-", "")

    read = [
        read_reference(signs[:at] + other + signs[at + 1 :])
        for at in range(len(signs))
        for other in ALPHABET
        if other != signs[at]
    ]

    assert len(read) == 12 * 30
    assert set(read) == {None}


def test_every_swap_of_two_different_signs_is_caught() -> None:
    signs = ONE.replace("-", "")
    swaps = []
    for one in range(len(signs)):
        for other in range(one + 1, len(signs)):
            swapped = list(signs)
            swapped[one], swapped[other] = swapped[other], swapped[one]
            swaps.append("".join(swapped))

    assert {read_reference(swap) for swap in swaps if swap != signs} == {None}


def test_small_letters_and_blanks_are_forgiven() -> None:
    assert read_reference(f"  {ONE.lower().replace('-', ' ')} ") == ONE


def test_no_sign_is_taken_for_another() -> None:
    assert len(set(ALPHABET)) == 31
    assert set("01ILO").isdisjoint(ALPHABET)


def test_a_secret_differs_with_its_bytes_and_has_the_length_asked_for() -> None:
    one, other = spell(b"a" * 32, length=16), spell(b"b" * 32, length=16)

    assert one != other
    assert len(one.replace("-", "")) == 16
