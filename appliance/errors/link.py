"""What goes wrong on the line to the office; nothing is lost by it."""

from __future__ import annotations

from dataclasses import dataclass

from appliance.errors.root import UnitError


@dataclass(eq=False)
class LinkTrouble(UnitError):
    """Something between the unit and the office; saved records wait, nothing is lost."""


@dataclass(eq=False)
class BrokerUnreachable(LinkTrouble, ConnectionError):
    """The broker does not answer."""

    host: str
    port: int


@dataclass(eq=False)
class BrokerNotTrusted(LinkTrouble, ConnectionError):
    """The broker's certificate is not from this office's authority."""

    host: str
    port: int


@dataclass(eq=False)
class BrokerRefused(LinkTrouble, PermissionError):
    """The broker does not let this unit in, or not do this."""

    reason_code: int


@dataclass(eq=False)
class ReceiptOverdue(LinkTrouble, TimeoutError):
    """Records were sent and no verified receipt came in time."""

    waiting: int
