"""Give, change and close accounts and tokens from the machine itself, where nobody has to sign in."""

from datetime import timedelta

import click

from sizao.cli import clock, start
from sizao.terms import Right, Role

ROLES = click.Choice([str(role) for role in Role])
RIGHTS = click.Choice([str(right) for right in Right])


@click.group()
def command() -> None:
    """Give, change or close accounts and tokens."""
    start.django_ready()


@command.command("add")
@click.argument("username")
@click.option("--role", type=ROLES, required=True, help="What they do; the role decides what they may see and do.")
@click.option("--area", "area_code", required=True, help="Their jurisdiction: a division code such as 13 or 130109.")
@click.option("--name", "display_name", default="", help="The name shown on screen; the username if left out.")
@click.option("--ask-password", is_flag=True, help="Type a password instead of having one made.")
def add(username: str, role: str, area_code: str, display_name: str, ask_password: bool) -> None:  # noqa: FBT001
    """Give somebody an account; its password is shown this once."""
    from sizao.response import accounts

    account, password = accounts.give(
        username=username,
        role=Role(role),
        area_code=area_code,
        display_name=display_name,
        password=_typed() if ask_password else None,
        by=None,
        now=clock.here(),
    )
    click.echo(f"{account.username} is {Role(account.role).en} of {account.area_code}.")
    if not ask_password:
        click.echo(f"Password, shown this once: {password}")


@command.command("list")
@click.option("--area", "area_code", default="", help="Only accounts of this jurisdiction.")
def list_accounts(area_code: str) -> None:
    """List the accounts: username, role, jurisdiction, whether open."""
    from sizao.records.models import Account

    for account in Account.objects.filter(area_code__startswith=area_code).order_by("area_code", "username"):
        state = "open" if account.is_active else "closed"
        click.echo(f"{account.username}\t{account.role}\t{account.area_code}\t{state}")


@command.command("change")
@click.argument("username")
@click.option("--role", type=ROLES, help="A new role.")
@click.option("--area", "area_code", help="A new jurisdiction.")
@click.option("--name", "display_name", help="A new name on screen.")
@click.option("--new-password", is_flag=True, help="Have a new password made; it is shown this once.")
@click.option("--open", "reopen", is_flag=True, help="Open the account again after it was closed.")
def change(
    username: str,
    role: str | None,
    area_code: str | None,
    display_name: str | None,
    new_password: bool,  # noqa: FBT001
    reopen: bool,  # noqa: FBT001
) -> None:
    """Change an account's role, jurisdiction, name or password."""
    from sizao.response import accounts

    password = accounts.new_password() if new_password else None
    account = accounts.change(
        account=accounts.find(username, by=None),
        role=Role(role) if role else None,
        area_code=area_code,
        display_name=display_name,
        password=password,
        is_active=True if reopen else None,
        by=None,
        now=clock.here(),
    )
    click.echo(f"{account.username} is {Role(account.role).en} of {account.area_code}.")
    if password:
        click.echo(f"Password, shown this once: {password}")


@command.command("close")
@click.argument("username")
def close(username: str) -> None:
    """Close an account and end its tokens; what it did stays in the journal."""
    from sizao.response import accounts

    account = accounts.close(account=accounts.find(username, by=None), by=None, now=clock.here())
    click.echo(f"{account.username} is closed.")


@command.group("token")
def token() -> None:
    """Give, list or revoke the keys of machines."""


@token.command("give")
@click.argument("username")
@click.option("--label", required=True, help="What the machine is, such as “laboratory of the county hospital”.")
@click.option("--right", "rights", type=RIGHTS, multiple=True, required=True, help="What it may do; name each right.")
@click.option("--days", type=click.IntRange(1, 3660), default=90, show_default=True, help="How long it holds.")
def give_token(username: str, label: str, rights: tuple[str, ...], days: int) -> None:
    """Give a machine a token; it is shown this once."""
    from sizao.response import accounts

    now = clock.here()
    given, secret = accounts.give_token(
        account=accounts.find(username, by=None),
        label=label,
        rights=[Right(right) for right in rights],
        expires_at=now + timedelta(days=days),
        by=None,
        now=now,
    )
    click.echo(f"Token {given.pk} of {username}, until {given.expires_at.date()}: {', '.join(given.rights)}")
    click.echo(f"Shown this once: {secret}")


@token.command("list")
@click.argument("username")
def list_tokens(username: str) -> None:
    """List an account's tokens: number, label, rights, last day, whether revoked."""
    from sizao.response import accounts

    for given in accounts.find(username, by=None).api_tokens.order_by("id"):
        state = "revoked" if given.revoked_at else f"until {given.expires_at.date()}"
        click.echo(f"{given.pk}\t{given.label}\t{','.join(given.rights)}\t{state}")


@token.command("revoke")
@click.argument("number", type=int)
def revoke_token(number: int) -> None:
    """End a token at once."""
    from sizao.response import accounts

    accounts.revoke_token(token=accounts.find_token(number, by=None), by=None, now=clock.here())
    click.echo(f"Token {number} is revoked.")


def _typed() -> str:
    return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
