"""
Positive tubes, followed in the transaction that releases their results.

A positive tube of one person is a signal about that person. A positive tube of several is nobody's result: its members
are proposed to be held and called back.
"""

from collections.abc import Sequence
from datetime import datetime

from sizao.records.models import Account, TestingRound


def follow(*, testing_round: TestingRound, tubes: Sequence[str], by: Account, now: datetime) -> None:
    """Follow tubes that are newly positive, by their codes."""


def follow_negative(*, testing_round: TestingRound, tubes: Sequence[str], by: Account, now: datetime) -> None:
    """Follow tubes that are newly negative, by their codes."""


def follow_corrected(*, testing_round: TestingRound, tubes: Sequence[str], by: Account, now: datetime) -> None:
    """Follow tubes whose released result has changed, by their codes; the tube already says what it is now."""
