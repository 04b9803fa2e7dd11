"""Signed messages between authorities: how one is written and checked, and how it gets there."""

from sizao.adapters.exchange.channel import Channel, CouldNotDeliver, Https, InMemory
from sizao.adapters.exchange.envelope import (
    Envelope,
    EnvelopeUnreadable,
    Key,
    Receipt,
    Signed,
    digest_of,
    opened,
    opened_receipt,
    sealed,
    sealed_receipt,
)

__all__ = [
    "Channel",
    "CouldNotDeliver",
    "Envelope",
    "EnvelopeUnreadable",
    "Https",
    "InMemory",
    "Key",
    "Receipt",
    "Signed",
    "digest_of",
    "opened",
    "opened_receipt",
    "sealed",
    "sealed_receipt",
]
