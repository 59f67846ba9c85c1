"""References that people read aloud and write down, with a sign that catches their slips.

They are spelled in 31 signs that are not taken for one another. 31 is a prime, so that a check
sign catches every single wrong sign and every swap of two.
"""

from collections.abc import Sequence

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
REFERENCE_LENGTH = 12
_GROUP = 4


def make_reference(places: Sequence[int]) -> str:
    """Spell a reference from eleven numbers of 0 to 30, which should be drawn at random.

    Example:
        >>> make_reference([4, 13, 5, 20, 7, 0, 30, 25, 11, 2, 2])
        '6F7P-92ZU-D449'
    """
    checked = -sum(weight * place for weight, place in enumerate(places, start=2))
    return grouped("".join(ALPHABET[place] for place in (*places, checked % len(ALPHABET))))


def read_reference(text: str) -> str | None:
    """Give a reference as it is written here; None where a sign is wrong, missing or swapped.

    Small letters, blanks and missing hyphens are forgiven.

    Example:
        >>> read_reference("6f7p 92zu d449"), read_reference("6F7P-92UZ-D449")
        ('6F7P-92ZU-D449', None)
    """
    signs = "".join(text.upper().replace("-", " ").split())
    if len(signs) != REFERENCE_LENGTH or not set(signs) <= set(ALPHABET):
        return None
    places = [ALPHABET.index(sign) for sign in signs]
    total = sum(weight * place for weight, place in enumerate(places[:-1], start=2)) + places[-1]
    return grouped(signs) if total % len(ALPHABET) == 0 else None


def spell(content: bytes, *, length: int) -> str:
    """Spell random bytes in the signs of references, in groups of four.

    Args:
        content: at least as many bytes as signs are wanted, so that each sign is even.
        length: number of signs.

    Example:
        >>> spell(bytes(range(16)), length=8)
        'PT7T-4RX8'
    """
    number = int.from_bytes(content, "big")
    signs = []
    for _ in range(length):
        number, place = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[place])
    return grouped("".join(signs))


def grouped(signs: str) -> str:
    """Put a hyphen after every fourth sign.

    Example:
        >>> grouped("6F7P92ZUD449")
        '6F7P-92ZU-D449'
    """
    return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))
