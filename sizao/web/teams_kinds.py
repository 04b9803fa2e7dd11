"""The kinds of team and their standard: what is in force here, from whom, how sure; a province puts its own in."""

import re

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods

from sizao.errors import SizaoError
from sizao.protocol.shipped import shipped_text
from sizao.protocol.teams import FILE
from sizao.records import access
from sizao.records.models import TeamKindList
from sizao.response.tasks import teams
from sizao.terms import NEEDS_CONFIRMATION, Right
from sizao.web import refusals
from sizao.web.teams_common import address, common, when

COUNTY = 6
_AREA = re.compile(r'^area_code = ".*"$', flags=re.MULTILINE)


@require_http_methods(["GET", "POST"])
def kinds(request: HttpRequest) -> HttpResponse:
    """Answer: which kinds of team are there, and what is asked of each? Or adopt another list."""
    access.require(request.user, Right.PROTOCOL_CONFIRM if request.method == "POST" else Right.SITUATION_READ)
    at, mine = when(request), request.user.area_code
    given = request.POST.get("list", "").replace("\r\n", "\n")
    if request.method == "POST":
        try:
            teams.adopt_kinds(text=given, by=request.user, now=at.moment)
        except SizaoError as refusal:
            messages.warning(request, refusals.sentence(refusal))
        else:
            messages.success(request, gettext("The list is adopted in your name."))
            return redirect(address(request, "team_kinds"))
    in_force = teams.in_force(mine[:COUNTY], at.as_of)
    adopted = TeamKindList.objects.filter(area_code=in_force.area_code, adopted_at__lte=at.as_of)
    latest = adopted.select_related("adopted_by").order_by("-adopted_at", "-pk").first()
    text = latest.text if latest else shipped_text(FILE)
    shown = {
        "kinds": in_force,
        "title": in_force.label(get_language() or "zh"),
        "rows": [
            (one, one.label(get_language() or "zh"), one.status in NEEDS_CONFIRMATION)
            for one in in_force.kinds.values()
        ],
        "latest": latest,
        "text": given or _AREA.sub(f'area_code = "{mine}"', text, count=1),
        "may_adopt": access.may(request.user, Right.PROTOCOL_CONFIRM),
    }
    return render(request, "web/teams_kinds.html", shown | common(request, "kinds"))
