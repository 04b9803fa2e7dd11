"""
The codes on tubes: a serial number and two check digits, so that a mistyped code is known for what it is.

ISO 7064 MOD 97-10: every single wrong digit and every two neighbours exchanged are found, and of all other mistakes
99 in 100. Digits only, because a scanner's narrowest bars (Code 128, set C) hold two of them each.
"""

import numpy as np
from numpy.typing import NDArray

SERIAL_DIGITS = 10
CODE_DIGITS = SERIAL_DIGITS + 2
BOX_LETTER = "B"
_MODULUS = 97


def code_of(serial: int) -> str:
    """
    Write the code of a serial number: ten digits and two check digits.

    Raise ValueError for a number that ten digits do not hold.
    """
    if not 0 <= serial < 10**SERIAL_DIGITS:
        raise ValueError(f"{serial} has no {SERIAL_DIGITS} digits")
    check = _MODULUS + 1 - serial * 100 % _MODULUS
    return f"{serial:0{SERIAL_DIGITS}}{check:02}"


def serial_of(code: str) -> int | None:
    """Read the serial number of a code, spaces aside; None for what is no code, or a mistyped one."""
    plain = code.replace(" ", "")
    if len(plain) != CODE_DIGITS or not (plain.isascii() and plain.isdigit()):
        return None
    return int(plain) // 100 if int(plain) % _MODULUS == 1 else None


def serials_of(codes: NDArray[np.str_]) -> NDArray[np.int64]:
    """
    Read the serial numbers of many codes at once; -1 for what is no code, or a mistyped one.

    `codes` is an array of strings without spaces. The same as `serial_of`, for millions.
    """
    if not len(codes):
        return np.empty(0, dtype=np.int64)
    letters = np.ascontiguousarray(codes, dtype=f"<U{CODE_DIGITS + 1}").view(np.uint32).reshape(len(codes), -1)
    fits = letters[:, CODE_DIGITS] == 0  # no thirteenth letter
    numbers = np.zeros(len(codes), dtype=np.int64)
    for place in range(CODE_DIGITS):
        digits = letters[:, place] - np.uint32(ord("0"))  # of what is no digit a number far above nine
        fits &= digits <= 9  # noqa: PLR2004 — digits
        numbers = numbers * 10 + digits
    return np.where(fits & (numbers % _MODULUS == 1), numbers // 100, -1)


def box_code_of(serial: int) -> str:
    """Write the code of a box of tubes: `B` and a code as tubes bear it, so that a scan says which of the two it is."""
    return BOX_LETTER + code_of(serial)


def box_serial_of(code: str) -> int | None:
    """Read the serial number of a box, spaces and case aside; None for what is no code of a box, or a mistyped one."""
    plain = code.replace(" ", "").upper()
    return serial_of(plain[1:]) if plain.startswith(BOX_LETTER) else None
