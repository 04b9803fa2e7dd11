"""How loops of the simulation are compiled: kept on disk, without the lock of Python, without counting references."""

from typing import Any

from numba import njit


def kernel(function: Any) -> Any:
    """
    Compile a loop that fills arrays it is given and makes none of its own.

    Compiled code counts who holds an array whenever it is read from a tuple. Here whoever calls holds all of them
    until the end, and not counting is five times as fast.
    """
    return njit(nogil=True, cache=True, error_model="numpy", _nrt=False)(function)  # type: ignore[call-overload]
