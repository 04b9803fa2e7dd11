"""What each detector would have cost and won here, so that a user can choose a threshold by what it costs."""

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.views.decorators.http import require_GET

from sizao.engines.detection.scoring import AtThreshold, Costs, Share, cheapest, cost_of
from sizao.errors import SizaoError
from sizao.records import access
from sizao.response.reports.detector_scores import WITHIN, MethodScore, detector_scores
from sizao.response.signals.known_counts import STEP_DAYS
from sizao.terms import Right, StreamKind, StreamStep
from sizao.web import shell, stream_page

# What is assumed until the reader says otherwise: visits for nothing are cheap beside an outbreak that is missed.
COSTS = Costs(false_alarm=1, missed=100, late=10)
MOST_COST = 1_000_000
SWEEP_ROWS = 12


class CostUnreadable(SizaoError):
    code = "web.cost.unreadable"
    message = "“{given}” is no cost. Write a number from 0 to 1,000,000, in any one unit for all three."


@require_GET
def stream_scores(request: HttpRequest, stream_id: int) -> HttpResponse:
    """Answer: which detector warns earliest here, what does it miss, and how often does it cry for nothing?"""
    chosen = shell.chosen(request)
    found = stream_page.fetched(request, stream_id, to=Right.SITUATION_READ)
    costs = Costs(**{name: _cost(request, name, usual) for name, usual in asdict(COSTS).items()})
    scores = detector_scores(chosen.outbreak, found, chosen.area_code, as_of=chosen.as_of, day=chosen.day)
    method = request.GET.get("method", "")
    asked = next((one for one in scores.methods if one.detector.method == method), None)
    swept = asked or next(iter(scores.methods), None)
    tried = swept.tried if swept else ()
    best = cheapest(tried, costs) if tried else None
    shown = {
        "stream": found,
        "kind": StreamKind(found.kind),
        "step": StreamStep(found.step),
        "within": WITHIN[StreamStep(found.step)] * STEP_DAYS[StreamStep(found.step)],
        "scores": scores,
        "rows": [_row(one, costs) for one in scores.methods],
        "method": swept.detector.method if swept else "",
        "costs": costs,
        "best": best and _tried(best, costs),
        "tried": [
            _tried(one, costs) | {"is_best": one is best} for one in _thinned(swept.tried if swept else (), best)
        ],
        "drawing": [_tried(one, costs) for one in swept.tried] if swept else [],
        "words": _words(),
        "may_list": access.may(request.user, Right.PERSON_LIST),
    }
    return render(request, "web/streams_scores.html", shown)


def _row(one: MethodScore, costs: Costs) -> dict[str, object]:
    card = one.card
    return {
        "method": one.detector.method,
        "value": one.detector.value,
        "settings": one.detector.value.shown.partition(";")[0],  # without the kinds it judges: this page is of one
        "sensitivity": card.sensitivity,
        "sensitivity_said": _percent(card.sensitivity),
        "delay": card.median_delay if isfinite(card.median_delay) else None,
        "lead": one.lead_days,
        "false_alarms": card.false_alarms,
        "false_alarms_said": _percent(card.false_alarms),
        "predictive_said": _percent(card.predictive_value),
        "predictive": card.predictive_value,
        "cost": cost_of(card, costs),
    }


def _tried(one: AtThreshold, costs: Costs) -> dict[str, object]:
    """Give one threshold as plain numbers; None where there was nothing to count."""
    card = one.card
    return {
        "threshold": one.threshold,
        "sensitivity": _plain(100 * card.sensitivity.value),
        "hits": card.sensitivity.hits,
        "of": card.sensitivity.of,
        "false_alarms": _plain(card.false_alarms_per_100),
        "n_false": card.false_alarms.hits,
        "delay": _plain(card.median_delay),
        "cost": cost_of(card, costs),
    }


def _thinned(tried: Sequence[AtThreshold], best: AtThreshold | None) -> list[AtThreshold]:
    """Keep about a dozen thresholds for the table, the cheapest among them."""
    every = max(1, len(tried) // SWEEP_ROWS)
    return [one for n, one in enumerate(tried) if n % every == 0 or one is best]


def _percent(share: Share) -> str:
    if not share.of:
        return "—"
    return f"{100 * share.value:.0f} % ({100 * share.lowest:.0f}–{100 * share.highest:.0f})"


def _plain(value: float) -> float | None:
    return float(value) if isfinite(value) else None


def _cost(request: HttpRequest, name: str, usual: float) -> float:
    text = request.GET.get(name, "")
    if not text:
        return usual
    try:
        cost = float(text)
    except ValueError as fault:
        raise CostUnreadable(given=text[:40]) from fault
    if not 0 <= cost <= MOST_COST:
        raise CostUnreadable(given=text[:40])
    return cost


def _words() -> dict[str, str]:
    """The words that the chart shows."""
    return {
        "sensitivity": gettext("outbreaks alarmed, %"),
        "false_alarms": gettext("false alarms in 100 quiet days or weeks"),
        "threshold": gettext("threshold of the statistic"),
        "cost": gettext("cost"),
        "best": gettext("cheapest"),
    }
