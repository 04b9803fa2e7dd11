"""
The codes on tubes: a serial number and two check digits, so that a mistyped code is known for what it is.

ISO 7064 MOD 97-10: every single wrong digit and every two neighbours exchanged are found, and of all other mistakes
99 in 100. Digits only, because a scanner's narrowest bars (Code 128, set C) hold two of them each.
"""

SERIAL_DIGITS = 10
CODE_DIGITS = SERIAL_DIGITS + 2
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
