"""Second factors by time (TOTP, RFC 6238), as any authenticator on a phone makes them."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import pyotp

__all__ = ["matching_step", "new_secret", "setup_address"]

_STEP_S: Final = 30
_WINDOW: Final = 1  # a phone's clock may be half a minute off


def new_secret() -> str:
    """Return a fresh secret (base32, 160 bits)."""
    return pyotp.random_base32()


def setup_address(secret: str, name: str, issuer: str) -> str:
    """Return the ``otpauth://`` address that an authenticator reads from a QR code."""
    return str(pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=issuer))


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """Return the time step whose code was given, or None where it fits none near ``now``."""
    given = "".join(code.split())
    if not (given.isascii() and given.isdigit()):
        return None
    totp = pyotp.TOTP(secret, interval=_STEP_S)
    here = int(now.timestamp()) // _STEP_S
    steps = range(here - _WINDOW, here + _WINDOW + 1)
    return next((step for step in steps if pyotp.utils.strings_equal(totp.generate_otp(step), given)), None)
