"""What the cases of a drill tell the investigators who play at the screens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from sizao.drill.rehearsal import steering, told_file
from sizao.records import access
from sizao.records.models import Case
from sizao.terms import Right, Role


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Show what each case says that is not investigated yet, to who investigates there."""
    access.require(request.user, Right.CASE_INVESTIGATE)
    drill = access.outbreak(steering.here().slug, to=Right.CASE_INVESTIGATE, by=request.user)
    answers = told_file.told(drill)
    mine = Case.objects.filter(
        outbreak=drill, number__in=list(answers), area_code__startswith=request.user.area_code, investigated_at=None
    )
    shown = {
        "drill": drill,
        "told": [(number, answers[number]) for number in mine.order_by("pk").values_list("number", flat=True)],
        "by_people": Role.INVESTIGATOR in steering.standing(drill).by_people,
    }
    return render(request, "drill/told.html", shown)
