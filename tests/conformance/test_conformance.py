"""The suite: our own client passes all of it."""

import pytest

from tests.conformance.own_client import OwnClient
from tests.conformance.suite import ALL, certify

pytestmark = [pytest.mark.recovery, pytest.mark.log_warnings, pytest.mark.timeout(300)]


def test_our_own_client_is_certified() -> None:
    certificate = certify(OwnClient)
    assert certificate.of("failed") == certificate.of("not shown") == [], certificate.verdicts
    assert certificate.sums == {"passed": ALL, "failed": 0, "not_shown": 0}
    assert certificate.status == 0
