"""The second person: who may not approve, and where nobody did (chapter 15)."""

from server.protocol.enums import RejectReason

Refusal = tuple[RejectReason, int, int] | None


def approval_refused(user: int, approver: int, *, needed: bool) -> Refusal:
    """Why this approver will not do; user 0 is the system and needs none."""
    if approver and approver == user:
        return RejectReason.SAME_PERSON, user, approver
    if needed and not approver and user:
        return RejectReason.APPROVAL_REQUIRED, user, 0
    return None
