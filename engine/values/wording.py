"""How numbers, uncertainties and counts are written for people: one way, everywhere."""

import math
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

import numpy as np

_RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
_RAISE, _LOWER = str.maketrans("-0123456789", _RAISED), str.maketrans(_RAISED, "-0123456789")
_NUMBER = re.compile(rf"(?<![\w.])\d+(?:\.\d+)?(?:·10[{_RAISED}]+)?(?!\w|\.\w)")
"""A number that stands alone, not one in the name of a file."""
ROUNDING = 1e-9
"""What differs by no more than this share is the same number, computed in another order."""
LARGE, SMALL = 1e7, 1e-4
"""From where on, and below what, numbers are written with a power of ten: 2.59·10⁸, not 259000000."""


def counted(count: float, thing: str, things: str = "") -> str:
    """The count with its noun: "1 field", "12 fields"; ``things`` where the plural is not made by an s."""
    written = f"{count:.0f}" if float(count).is_integer() else short(count, 6)
    return f"{written} {thing if count == 1 else things or thing + 's'}"


def within(quantity: str) -> str:
    """The name of a quantity within a sentence: area, mean diameter; Feret's and letters (HV, G) keep their capital."""
    return (
        quantity if quantity.startswith("Feret") or not quantity[1:2].islower() else quantity[0].lower() + quantity[1:]
    )


def named(names: Sequence[str], most: int = 3) -> str:
    """Names in a row, of many the first ones: "a, b", "a, b, c and 7 more"."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def power_of_ten(number: float, digits: int = 2) -> int:
    """The power of ten with which a number of so many digits is written; 0 for none."""
    if not (math.isfinite(number) and number):
        return 0
    power = int(f"{number:.{digits - 1}e}".partition("e")[2])
    return power if abs(number) >= LARGE - 0.5 or power < math.log10(SMALL) else 0


def times(power: int) -> str:
    """What stands behind the digits: "·10⁸"; nothing for the power 0."""
    return f"·10{str(power).translate(_RAISE)}" if power else ""


def short(number: float, digits: int) -> str:
    """So many digits, and all of those before the decimal point: 11820, not 1.182e+04.

    Very large and very small numbers have a power of ten: 2.59·10⁸, 1.2·10⁻⁵.
    """
    power = power_of_ten(number, digits)
    if power:
        return f"{float(f'{number:.{digits - 1}e}'.partition('e')[0]):g}{times(power)}"
    return f"{number:.{digits}g}" if abs(number) < 10**digits - 0.5 else f"{number:.0f}"


def amount(number: float, unit: str = "", digits: int = 4, missing: str = "–") -> str:
    """A number to so many digits with its unit; ``missing`` where there is none (NaN, infinite)."""
    return f"{short(number, digits)} {unit}".strip() if math.isfinite(number) else missing


def cell(value: object, missing: str = "–") -> str:
    """What stands in a cell of a table: numbers to four digits, yes or no, ``missing`` where there is nothing."""
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return missing if value != value else short(float(value), 4)
    return missing if value is None else str(value)


def with_uncertainty(value: float, half: float, unit: str = "") -> str:
    """The value with ± its uncertainty, both to the place of the uncertainty's second digit: "8.7 ± 1.6 µm".

    Where the uncertainty is not known, the value to three digits.
    """
    behind = f" {unit}" if unit else ""
    if not (math.isfinite(value) and math.isfinite(half)):
        return f"{short(value, 3)}{behind}"
    if half <= ROUNDING * abs(value):
        return f"{short(value, 6)} ± 0{behind}"
    power = power_of_ten(max(abs(value), half))
    places = _places(half / 10.0**power)
    return f"{_grouped(f'{_fixed(value, places, power)} ± {_fixed(half, places, power)}', power)}{behind}"


def to_digits_of(value: float, half: float) -> str:
    """The value alone, to the place of the second digit of its uncertainty; to three digits where that is not known."""
    if not (math.isfinite(value) and math.isfinite(half) and half > 0):
        return short(value, 3)
    power = power_of_ten(value)
    return f"{_fixed(value, _places(half / 10.0**power), power)}{times(power)}"


def between(low: float, high: float, unit: str = "") -> str:
    """An interval by its ends, to the place of the second digit of its half width: "0.2 to 1.9 %"."""
    power = power_of_ten(max(abs(low), abs(high)))
    apart = high - low > ROUNDING * max(abs(low), abs(high))
    places = _places((high - low) / 2 / 10.0**power) if apart else 3
    both = f"{_fixed(low, places, power)} to {_fixed(high, places, power)}"
    return f"{_grouped(both, power)}{f' {unit}' if unit else ''}"


def _grouped(numbers: str, power: int) -> str:
    """Several numbers that have the power in common."""
    return f"({numbers}){times(power)}" if power else numbers


def _places(half: float) -> int:
    """Decimal places that show two digits of a number above 0; negative before the decimal point."""
    places = 1 - math.floor(math.log10(half))
    return places - 1 if round(half, places) >= 10 ** (2 - places) else places


def _fixed(number: float, places: int, power: int = 0) -> str:
    """The number without its power of ten, to so many decimal places."""
    return f"{round(number / 10.0**power, places):.{max(places, 0)}f}"


def _read(written: str) -> float:
    """The number that ``short`` wrote."""
    digits, _, power = written.partition("·10")
    return float(digits) * 10.0 ** int(power.translate(_LOWER) or 0)


def without_numbers(sentence: str) -> str:
    """The sentence with # for each number: sentences that differ in numbers only are then the same."""
    return _NUMBER.sub("#", sentence)


def ranged(sentences: Sequence[str]) -> str:
    """Write "Only 5 to 9 grains" for "Only 9 grains", "Only 5 grains" and so on, which differ in numbers only."""
    columns = zip(*(_NUMBER.findall(sentence) for sentence in sentences), strict=True)
    ends = [(min(column, key=_read), max(column, key=_read)) for column in columns]
    ranges = iter([low if low == high else f"{low} to {high}" for low, high in ends])
    return _NUMBER.sub(lambda _: next(ranges), sentences[0])


def near_to(word: str, names: Iterable[str]) -> str:
    """Which of these names somebody may have meant by a mistyped one, as a question after a space; empty for none."""
    plain = {name.casefold(): name for name in names}
    found = get_close_matches(word.casefold(), plain, 1)
    return f" Did you mean {plain[found[0]]}?" if found else ""
