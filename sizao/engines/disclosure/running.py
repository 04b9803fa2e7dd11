"""
A stock told day after day beside its flows: when the next value may be told.

A stock grows by what flows in and shrinks by what flows out. Whoever knows two of its values and the told flows
between them knows the hidden ones together; whoever knows two values alone knows what changed. So a value is told only
when neither is a few people, and until then the last one stands, with its day.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Release:
    """
    Where the telling of one stock stands.

    `value` is the last one told, `told` the sum of the flows told since (in less out), `n_hidden` how many flows since
    were hidden. None as `value`: nothing was told yet, which is as if it had been 0 before anything was counted.
    """

    value: int | None
    told: int = 0
    n_hidden: int = 0


def release(before: Release, stock: int, flows: list[tuple[int, bool]], *, least: int) -> tuple[Release, bool]:
    """
    Say where the telling stands after one more day, and whether that day's value is told.

    `flows` are the day's flows with their signs, and whether each is hidden. `least` is the smallest count that may be
    told. A stock that is told is nothing or at least that; so are its change, and the hidden flows together.
    """
    told = before.told + sum(flow for flow, is_hidden in flows if not is_hidden)
    n_hidden = before.n_hidden + sum(is_hidden for flow, is_hidden in flows if flow)
    last = before.value or 0
    rest = abs(stock - last - told)
    wide = least + max(0, n_hidden - 1)
    change = abs(stock - last)
    may = _is_wide(stock, least) and _is_wide(change, least) and _is_wide(rest, wide if n_hidden else least)
    return (Release(stock), True) if may else (Release(before.value, told, n_hidden), False)


def _is_wide(count: int, least: int) -> bool:
    return count == 0 or count >= least
