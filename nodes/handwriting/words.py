"""The words of the digits world, and the phrases that they make."""

from collections.abc import Sequence

NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PLURALS = (*(f"{name}s" for name in NUMBERS[:6]), "sixes", *(f"{name}s" for name in NUMBERS[7:]))
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
SLANTS = ("left-leaning", "upright", "slanted")
THICKNESSES = ("thin", "medium", "thick")
UNSAID = -1  # the id of a trait that a text leaves open


def adjectives(slant: int, thickness: int) -> list[str]:
    """The traits that are said.

    >>> adjectives(2, UNSAID)
    ['slanted']
    """
    said = [SLANTS[slant]] if slant >= 0 else []
    return said + ([THICKNESSES[thickness]] if thickness >= 0 else [])


def article(words: str) -> str:
    """The words with the article that they need.

    >>> article("upright 7"), article("8"), article("one")
    ('an upright 7', 'an 8', 'a one')
    """
    vowel = words[0] in "aei8" or words.startswith("upright")
    return f"{'an' if vowel else 'a'} {words}"


def listed(words: Sequence[str]) -> str:
    """The words in one breath.

    >>> listed(["slanted", "thin"]), listed(["thin"])
    ('slanted and thin', 'thin')
    """
    return " and ".join(words)


def wish(digit: int, slant: int, thickness: int, form: int = 0, opening: str = "") -> str:
    """What somebody would like to see; `form` counts through the ways to say it.

    >>> wish(7, 2, 0), wish(7, 2, 0, form=2, opening="draw"), wish(8, UNSAID, 0)
    ('a slanted 7, thin', 'draw a 7, slanted and thin', 'a thin 8')
    """
    traits = adjectives(slant, thickness)
    if len(traits) == 2 and form % 4 == 0:
        said = f"{article(f'{traits[0]} {digit}')}, {traits[1]}"
    elif traits and form % 4 == 2:
        said = f"{article(str(digit))}, {listed(traits)}"
    else:
        order = traits if form % 4 == 1 else traits[::-1]
        said = article(" ".join([*order, str(digit)]))
    return f"{opening} {said}".strip()


FORMS = 4
OPENINGS = ("", "draw", "please draw", "now", "let us see")


def seen(digit: int, slant: int, thickness: int, inverted: bool = False) -> str:
    """What an image shows, always said in the same way.

    >>> seen(7, 2, 0, inverted=True)
    'a slanted 7, thin, inverted'
    """
    return wish(digit, slant, thickness) + (", inverted" if inverted else "")
