"""Why another machine could not be reached, in one phrase that a reader of either language understands."""

import socket
import ssl

from sizao.errors import SizaoError
from sizao.terms import Phrase


def why_unreached(fault: Exception) -> Phrase:
    """Say why a connection failed; what has no words of its own is told by the name of the fault."""
    for kind, said in _SAID:
        if isinstance(fault, kind):
            return said
    told = f"{type(fault).__name__}: {fault}"[:120]
    return Phrase(f"the connection broke ({told}).", f"连接中断（{told}）。")


def why_of(refusal: SizaoError) -> Phrase:
    """Give the reason that a refusal names, or else its whole sentence; the page around it says what comes next."""
    reason = refusal.facts.get("reason", str(refusal))
    return reason if isinstance(reason, Phrase) else Phrase(str(reason), str(reason))


_SAID: tuple[tuple[type[Exception], Phrase], ...] = (
    (ssl.SSLCertVerificationError, Phrase("its certificate is not one that is trusted.", "对方证书不受信任。")),
    (ssl.SSLError, Phrase("no secure connection came about.", "未能建立安全连接。")),
    (socket.gaierror, Phrase("its name is not known to the network.", "网络中查不到该名称。")),
    (ConnectionRefusedError, Phrase("nobody listens there.", "对方未在接收。")),
    (ConnectionError, Phrase("the connection was cut off.", "连接被切断。")),
    (TimeoutError, Phrase("it did not answer in time.", "对方未在时限内应答。")),
)
