"""Who may do what, from the one table of rights."""

from sizao.cli.pages.tables import page, table
from sizao.terms import Right, Role


def rights() -> str:
    """Write the table of roles and rights as the door reads it."""
    from sizao.records.access import ROLE_RIGHTS

    head = ["right", "权限", *(role.en for role in Role)]
    rows = [(f"`{right}`", right.zh, *("●" if right in ROLE_RIGHTS[role] else "" for role in Role)) for right in Right]
    return page(
        "# Roles and rights",
        "A role is a set of rights; a right holds inside the account's jurisdiction, which is a prefix of the "
        "division code. A token carries a part of its account's rights, never more.",
        table(head, rows),
    )
