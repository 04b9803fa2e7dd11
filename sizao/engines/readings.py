"""
What cycle thresholds say of a specimen, by the rule of a kit.

A Ct is the cycle at which the signal of a gene crossed the threshold; NaN where it never did. The rule is the one
that leaflets of two-target kits share: all targets are positive, one alone is tested again, and a specimen without any
target counts as negative only where the internal control shows that something was in the tube.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NEGATIVE, POSITIVE, INCONCLUSIVE, INVALID = 0, 1, 2, 3
LOWEST_CT, HIGHEST_CT = 0.0, 60.0  # no program of a cycler counts further


class RuleImpossible(ValueError):
    """A rule that no specimen could meet, or that every specimen meets."""


@dataclass(frozen=True, slots=True)
class KitRule:
    """
    Which columns are targets, which is the internal control, and how many targets make a positive.

    `cutoff_ct` is the highest Ct that counts as amplified; between it and `grey_ct` a target is tested again. The
    internal control counts up to `internal_ct`. None for a control that the kit does not have.
    """

    targets: tuple[int, ...]
    needed: int
    cutoff_ct: float
    grey_ct: float | None = None
    internal: int | None = None
    internal_ct: float = HIGHEST_CT

    def __post_init__(self) -> None:
        if not self.targets or not 1 <= self.needed <= len(self.targets):
            raise RuleImpossible(f"{self.needed} of {len(self.targets)} targets")
        if not LOWEST_CT < self.cutoff_ct <= HIGHEST_CT:
            raise RuleImpossible(f"a cutoff of {self.cutoff_ct}")
        if self.grey_ct is not None and self.grey_ct < self.cutoff_ct:
            raise RuleImpossible(f"a grey zone that ends at {self.grey_ct}, before the cutoff")


def found_of(ct: NDArray[np.float64], rule: KitRule) -> NDArray[np.int8]:
    """
    Say what was found in each specimen: NEGATIVE, POSITIVE, INCONCLUSIVE or INVALID.

    `ct` has a row for each specimen and a column for each gene, in cycles; NaN where nothing was amplified. A gap is
    never read as negative by itself: without the internal control the specimen is INVALID.
    """
    targets = ct[:, list(rule.targets)]
    amplified = (targets <= rule.cutoff_ct).sum(axis=1)
    late = (targets > rule.cutoff_ct) & (targets <= (rule.cutoff_ct if rule.grey_ct is None else rule.grey_ct))
    present = np.ones(len(ct), dtype=bool) if rule.internal is None else ct[:, rule.internal] <= rule.internal_ct
    found = np.where(present, NEGATIVE, INVALID).astype(np.int8)
    found[(amplified > 0) | late.any(axis=1)] = INCONCLUSIVE
    found[amplified >= rule.needed] = POSITIVE
    return found


def blank_holds(ct: NDArray[np.float64], rule: KitRule) -> NDArray[np.bool_]:
    """
    Tell which negative controls hold: no target crossed the threshold at all, however late.

    `ct` as for `found_of`. The internal control is not asked for: a blank may be plain water.
    """
    crossed: NDArray[np.bool_] = np.any(ct[:, list(rule.targets)] <= HIGHEST_CT, axis=1)
    return np.logical_not(crossed)
