"""What the cases shared: a ranked list in plain sentences, and a graph of cases and shared events."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from sizao.records import access
from sizao.response.reports.exposures import Exposure, exposures, infected_by, ranked_on
from sizao.terms import Right
from sizao.web import shell

IN_LIST = 40
SHOWN_AT_FIRST = 4
MOST_SHOWN = 20
MOST_NODES = 120  # more cannot be read on an office screen
LABEL_LETTERS = 14


@require_GET
def graph(request: HttpRequest) -> HttpResponse:
    chosen = shell.chosen(request)
    access.require(request.user, Right.PERSON_LIST)
    found = exposures(
        chosen.outbreak, chosen.area_code, chosen.day, reader=request.user, as_of=chosen.as_of, most=IN_LIST
    )
    shown = {
        "exposures": found,
        "ranked_on": ranked_on(chosen.outbreak, chosen.day),
        "at_first": SHOWN_AT_FIRST,
        "most": MOST_SHOWN,
    }
    return render(request, "web/graph.html", shown)


@require_GET
def edges(request: HttpRequest) -> JsonResponse:
    """Give the nodes and edges of the top exposures, or of one of them; numbers only, cut to what can be read."""
    chosen = shell.chosen(request)
    access.require(request.user, Right.PERSON_LIST)
    top = _count(request.GET.get("top"), SHOWN_AT_FIRST, MOST_SHOWN)
    rank = _count(request.GET.get("rank"), 0, 10_000)
    found = exposures(
        chosen.outbreak, chosen.area_code, chosen.day, reader=request.user, as_of=chosen.as_of, most=IN_LIST
    )
    kept = [one for one in found if one.rank == rank] if rank else found[:top]
    nodes, links, left_out = _nodes_and_links(kept)
    people = {node["person"]: node["id"] for node in nodes if "person" in node}
    passed = infected_by(chosen.outbreak, people, as_of=chosen.as_of)
    links += [{"source": people[index], "target": people[other], "kind": "passed"} for index, other in passed]
    for node in nodes:
        node.pop("person", None)
    return JsonResponse({"nodes": nodes, "edges": links, "left_out": left_out})


def _nodes_and_links(kept: list[Exposure]) -> tuple[list[dict], list[dict], int]:
    language = get_language() or "zh"
    nodes: list[dict] = []
    links: list[dict] = []
    cases: dict[int, str] = {}
    left_out = 0
    for one in kept:
        key = f"e{one.rank}"
        nodes.append({"id": key, "kind": "event", "label": _label(one, language), "rank": one.rank})
        for case in one.cases:
            if case.person not in cases:
                if len(nodes) >= MOST_NODES:
                    left_out += 1
                    continue
                cases[case.person] = f"c{case.number}"
                status = case.status.label(language) if case.status else ""
                nodes.append(
                    {
                        "id": f"c{case.number}",
                        "kind": "case",
                        "label": case.number,
                        "status": str(case.status or ""),
                        "said": status,
                        "person": case.person,
                    }
                )
            links.append({"source": key, "target": cases[case.person], "kind": "shared"})
    return nodes, links, left_out


def _label(one: Exposure, language: str) -> str:
    place = one.place if len(one.place) <= LABEL_LETTERS else one.place[: LABEL_LETTERS - 1] + "…"
    days = (
        f"{one.first_date:%m-%d}"
        if one.first_date == one.last_date
        else f"{one.first_date:%m-%d}–{one.last_date:%m-%d}"
    )
    return f"{place or one.place_kind.label(language)}\n{days} · {one.observed}"


def _count(text: str | None, otherwise: int, most: int) -> int:
    return min(int(text), most) if text and text.isdecimal() else otherwise
