"""
What one tube tells: how likely it turns positive, by its size and by how positives gather.

The people of a tube are alike: of one household, one building, one village. Their number of positives follows a
beta-binomial law with a correlation between two members, 0 where positives come independently. Correlated positives
fill fewer tubes, and each such tube holds more virus (Barak et al. 2021, Sci Transl Med 13:eabf2823: 133,816
samples).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sizao.errors import SizaoError

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# The odds of being found that one doubling of the dilution costs, as a logarithm: an assumption between no loss in
# the field (Barak et al. 2021) and the tenth that is lost at 10:1 by viral loads over the course of an infection
# (Cleary et al. 2021, Sci Transl Med 13:eabf1568). What a swab alone finds with 77 % is found with 70 % in a tube of
# 10.
LOSS_PER_DOUBLING = 0.11
MOST_MEMBERS = 1000


class NotAShare(SizaoError):
    code = "sampling.not_a_share"
    message = "{name} is {value}; it must be a share from 0 to 1{bound}. Correct it."


class NoSuchPoolSize(SizaoError):
    code = "sampling.no_such_pool_size"
    message = "A tube of {size} swabs is not possible. Choose a size from 1 to {most}."


@dataclass(frozen=True, slots=True)
class PooledTest:
    """
    A test: `sensitivity` of a swab alone and `specificity` of a tube, and what dilution costs.

    `loss_per_doubling` is the logarithm of the odds ratio of each doubling of the tube's size.
    """

    sensitivity: float = 1.0
    specificity: float = 1.0
    loss_per_doubling: float = LOSS_PER_DOUBLING

    def __post_init__(self) -> None:
        share("The sensitivity", self.sensitivity)
        share("The specificity", self.specificity)
        if not (np.isfinite(self.loss_per_doubling) and self.loss_per_doubling >= 0):
            raise NotAShare(name="The loss per doubling", value=self.loss_per_doubling, bound=" or a number above")

    def sensitivity_in(self, size: int) -> float:
        """Give the chance that one positive swab alone turns a tube of `size` positive."""
        check_size(size)
        kept = float(np.exp(-self.loss_per_doubling * np.log2(size)))
        return self.sensitivity * kept / (1 - self.sensitivity + self.sensitivity * kept)


def share(name: str, value: float) -> None:
    """Raise NotAShare for what does not lie between 0 and 1."""
    if not 0 <= value <= 1:
        raise NotAShare(name=name, value=value, bound="")


def check_size(size: int) -> None:
    """Raise NoSuchPoolSize for a tube that holds nobody, or more than any tube."""
    if not 1 <= size <= MOST_MEMBERS:
        raise NoSuchPoolSize(size=size, most=MOST_MEMBERS)


def members_positive(size: int, prevalence: float, correlation: float = 0.0) -> Floats:
    """
    Give the chances that 0, 1 … `size` members of a tube are infected.

    `correlation` is that of two members of one tube: the chance that one is infected, when another is, is
    prevalence + correlation × (1 − prevalence).
    """
    check_size(size)
    share("The prevalence", prevalence)
    share("The correlation", correlation)
    if correlation == 1:
        chances = np.zeros(size + 1)
        chances[0], chances[-1] = 1 - prevalence, prevalence
        return chances
    # Member by member from an urn (Pólya): each infected one makes the next likelier. Exact at the edges, where the
    # beta function is not.
    pull = correlation / (1 - correlation)
    chances = np.array([1.0])
    for drawn in range(size):
        next_one = (prevalence + pull * np.arange(drawn + 1)) / (1 + pull * drawn)
        chances = np.append(chances * (1 - next_one), 0.0) + np.append(0.0, chances * next_one)
    return chances


def positive_chance(test: PooledTest, size: int, prevalence: float, correlation: float = 0.0) -> float:
    """Give the chance that a tube of `size` turns positive: any member is found, or the test errs."""
    silent = (1 - test.sensitivity_in(size)) ** np.arange(size + 1)
    return float(1 - test.specificity * (members_positive(size, prevalence, correlation) * silent).sum())


def found_chance(test: PooledTest, size: int, prevalence: float, correlation: float = 0.0) -> float:
    """
    Give the chance that an infected member is found: the tube is positive, and so is the swab after the call-back.

    Whoever would turn the tube positive alone is found again; whoever would not, but is called back since others
    did or since the test erred, is found by the single swab as far as dilution was the reason. NaN at prevalence 0 with
    nobody to find.
    """
    alone, pooled = test.sensitivity, test.sensitivity_in(size)
    if prevalence == 0:
        return float("nan")
    others = members_positive(size, prevalence, correlation)[1:] * np.arange(1, size + 1) / (size * prevalence)
    silent = test.specificity * float((others * (1 - pooled) ** np.arange(size)).sum())
    return pooled + (alone - pooled) * (1 - silent)
