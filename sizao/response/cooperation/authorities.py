"""Other authorities, the keys that their messages are known by, and the key of this one."""

import base64
import binascii
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Length

from sizao.adapters.exchange import Key
from sizao.errors import SizaoError
from sizao.records import access, journal
from sizao.records.models import Account, Authority
from sizao.terms import LEVEL_OF_DIGITS, ExchangeWay, Phrase, Right

_KEY_BYTES = 32


class AuthorityUnusable(SizaoError):
    code = "cooperation.authority.unreadable"
    message = "{name} cannot be added: {reason} Ask that authority for its address and key, and add it again."


def own_key() -> Key:
    """Give the key of this installation."""
    return Key.from_secret(settings.PERSONAL_DATA_KEY)


def own_area() -> str:
    """Say the jurisdiction of this installation: the widest of its active accounts."""
    widest = Account.objects.filter(is_active=True).order_by(Length("area_code"), "area_code").first()
    return widest.area_code if widest else ""


@transaction.atomic
def add_authority(
    *, name: str, area_code: str, way: ExchangeWay, address: str = "", public_key: str = "", certificate: str = "",
    phone: str = "", by: Account | None, now: datetime,
) -> Authority:  # fmt: skip
    """
    Add an authority that requests go to and come from; `by` is None for who runs the machine.

    Whoever adds a key must have it from the authority itself, by another way than this network. Raise
    AuthorityUnusable, or the door's refusal.
    """
    if by is not None:
        access.require(by, Right.COOPERATE)
    name = name.strip()
    if fault := _fault(name, area_code, way, address, public_key):
        raise AuthorityUnusable(name=name or "—", reason=fault)
    found = Authority.objects.create(
        name=name, area_code=area_code, way=way, address=address.rstrip("/"), public_key=public_key,
        certificate=certificate, phone=phone, added_at=now, added_by=journal.actor_name(by),
    )  # fmt: skip
    journal.write("authority.added", found, by=by, at=now, way=str(way), key=public_key[:12])
    return found


def _fault(name: str, area_code: str, way: ExchangeWay, address: str, public_key: str) -> str:
    if not name:
        return Phrase("it has no name.", "没有名称。")
    if not area_code.isdigit() or len(area_code) not in LEVEL_OF_DIGITS:
        return _no_code(area_code)
    if way is ExchangeWay.LETTER:
        return ""
    if urlsplit(address).scheme != "https":
        return Phrase("its address does not begin with https://.", "地址须以 https:// 开头。")
    if not _is_key(public_key):
        return Phrase("its key is not 32 bytes in base64.", "密钥不是32字节的 base64 编码。")
    if public_key == own_key().public:
        return Phrase("the key is this installation's own.", "该密钥是本系统自己的密钥。")
    if Authority.objects.filter(public_key=public_key, ended_at__isnull=True).exists():
        return Phrase("another authority has this key already.", "该密钥已登记给其他单位。")
    return ""


def _no_code(given: str) -> Phrase:
    if not given:
        return Phrase("it has no division code.", "没有区划代码。")
    return Phrase(f"{given} is no division code.", f"“{given}”不是区划代码。")


def _is_key(written: str) -> bool:
    try:
        return len(base64.b64decode(written, validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False


@transaction.atomic
def end_authority(*, authority: Authority, by: Account, now: datetime) -> Authority:
    """Take nothing more from an authority, and send it nothing more."""
    access.require(by, Right.COOPERATE)
    authority.ended_at = now
    authority.save(update_fields=["ended_at"])
    journal.write("authority.ended", authority, by=by, at=now)
    return authority
