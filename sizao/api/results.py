"""Results for other systems: what some people's latest tests said, and what was released since they last asked."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from sizao.api.door import account, now, outbreak
from sizao.api.shapes import answers
from sizao.response.testing import answers as told
from sizao.response.testing import answers_feed
from sizao.response.testing.answers import LONGEST_PURPOSE, MOST_PEOPLE
from sizao.response.testing.answers_feed import MOST_TUBES
from sizao.terms import ResultTold, Right, TestResult, TubeKind

router = Router(tags=["testing"])


class PeopleIn(Schema):
    """Up to 500 id numbers, and what the results are for."""

    id_numbers: list[str] = Field(min_length=1, max_length=MOST_PEOPLE)
    purpose: str = Field(min_length=1, max_length=LONGEST_PURPOSE)


class ResultOut(Schema):
    """
    What the latest test of one person said.

    `known` is false for who stands on no roster here: that is not negative. `come_back` is a positive pool, which is
    nobody's result: the person is asked to come for a single test. `single` is whether the swab lay in a tube of its
    own; `later_swab_at` a later swab whose result is not out.
    """

    known: bool
    told: ResultTold | None
    round: str | None
    taken_at: datetime | None
    resulted_at: datetime | None
    single: bool | None
    held_until: datetime | None
    later_swab_at: datetime | None


class ResultsOut(Schema):
    """One answer for each id number, in the order asked."""

    results: list[ResultOut]


class ReleasedOut(Schema):
    """A tube whose result was released, and who of the jurisdiction is in it, by their numbers on the roster."""

    round: str
    tube: str
    kind: TubeKind
    result: TestResult
    resulted_at: datetime
    entries: list[int]


class FeedOut(Schema):
    """Tubes in the order of release; send `next` as `after` to go on, also when nothing came."""

    tubes: list[ReleasedOut]
    next: str


@router.post("/outbreaks/{slug}/results", response=answers(ResultsOut))
def tell_results(request: HttpRequest, slug: str, people: PeopleIn) -> Any:
    """
    Say what the latest tests of up to 500 people said; who asked, and what for, is journalled.

    A positive pool is never told as a person's positive result.
    """
    within = outbreak(request, slug, to=Right.RESULT_TELL)
    found = told.tell(
        outbreak=within,
        id_numbers=people.id_numbers,
        purpose=people.purpose,
        by=account(request),
        now=now(request),
    )
    return {"results": [_result(one) for one in found]}


@router.get("/outbreaks/{slug}/results/released", response=answers(FeedOut))
def list_released(
    request: HttpRequest,
    slug: str,
    after: str = Query("", max_length=100, description="`next` of the page before."),
    size: int = Query(MOST_TUBES, ge=1, le=MOST_TUBES, description="Tubes of a page."),
) -> Any:
    """
    List the tubes released since a place in the feed, those of the jurisdiction; a corrected result comes again.

    A result is told two minutes after its release, so that one which took longer to be written is not passed over.
    """
    within = outbreak(request, slug, to=Right.RESULT_TELL)
    page = answers_feed.released(outbreak=within, by=account(request), now=now(request), after=after, size=size)
    return {
        "tubes": [
            {
                "round": one.number,
                "tube": one.tube,
                "kind": one.kind,
                "result": one.result,
                "resulted_at": one.resulted_at,
                "entries": list(one.entries),
            }
            for one in page.tubes
        ],
        "next": page.next,
    }


def _result(one: told.Answer | None) -> dict[str, Any]:
    same = ("taken_at", "resulted_at", "single", "held_until", "later_swab_at")
    if one is None:
        return {"known": False, "told": None, "round": None} | dict.fromkeys(same)
    swabbed = one.told != ResultTold.NOT_SWABBED
    facts = {name: getattr(one, name) for name in same}
    return facts | {
        "known": True,
        "told": one.told,
        "round": one.number,
        "single": one.single if swabbed else None,
    }
