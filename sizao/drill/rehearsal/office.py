"""The office of a drill: who its scripted officers are, and what they work with."""

from dataclasses import dataclass, field
from datetime import datetime

from sizao.drill.rehearsal.asking import Asking
from sizao.drill.rehearsal.scenario import Rehearsal
from sizao.errors import SizaoError
from sizao.records.models import Account, Outbreak
from sizao.response import accounts
from sizao.terms import Role

# Orders to parts of a county are approved one level above it (see `zoning.approve`).
ROLES = (
    Role.DUTY_OFFICER, Role.INVESTIGATOR, Role.DATA_OFFICER, Role.ISOLATION_COORDINATOR, Role.AREA_OFFICER,
    Role.REPORTER, Role.COMMANDER, Role.TESTING_COORDINATOR,
)  # fmt: skip
# Who works at tables and in the laboratory decides nothing; what they send comes through `doors`.
TABLES = (Role.SAMPLER, Role.LAB_TECHNICIAN, Role.LAB_REVIEWER)
# Who goes to doors, looks after a site and sends vehicles meets made-up people: always the script.
FIELD = (Role.GRID_WORKER, Role.SITE_WORKER, Role.DISPATCHER)
SCRIPTED = "scripted"
WHY = "演练：脚本值守人员按既定规则办理"


@dataclass(frozen=True, slots=True)
class Office:
    """
    What the officers of a drill work with: their accounts, the outbreak, and the people they may ask.

    What the roles of `by_people` decide is left to those who signed in for them.
    """

    rehearsal: Rehearsal
    outbreak: Outbreak
    staff: dict[Role, Account]
    asking: Asking
    by_people: set[Role] = field(default_factory=set)
    # Officers of the command, at every level; see `command.acts.officer`.
    cast: dict[tuple[Role, str], Account] = field(default_factory=dict)


def staff_of(rehearsal: Rehearsal, *, now: datetime) -> dict[Role, Account]:
    """Give each role an account that nobody signs in with, for the city of the drill; the same ones again later."""
    city = rehearsal.area_code[:4]
    staff = {}
    for role in (*ROLES, *TABLES, *FIELD):
        name = f"{SCRIPTED}_{role}_{city}"
        standing = Account.objects.filter(username=name).first()
        staff[role] = (
            standing
            or accounts.give(
                username=name, role=role, area_code=city, display_name=f"演练脚本·{role.zh}", by=None, now=now
            )[0]
        )
    return staff


def each(office: Office, rows, act) -> int:  # noqa: ANN001 — any rows, any verb on them
    """Do one thing to each row; what the platform refuses is noted for the report and left as it is."""
    done = 0
    for row in rows.order_by("pk"):
        try:
            act(row)
        except SizaoError as refusal:
            office.asking.note(refusal)
        else:
            done += 1
    return done
