"""What may be said in the outlook: a number with its interval, or that there is too little to say it."""

from dataclasses import dataclass

from sizao.engines.transmission.estimate import Estimate

__all__ = ["Estimate", "TooFew"]


@dataclass(frozen=True, slots=True)
class TooFew:
    """There is too little to say it: `n` were there and `least` are needed, of cases or of days of counts."""

    n: int
    least: int
    of_days: bool = False
