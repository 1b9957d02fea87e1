"""One-time codes and recovery codes: a password alone opens nothing."""

from __future__ import annotations

import pyotp
import pytest

from wiki.accounts import Accounts
from wiki.errors import (
    LinkOver,
    NotAllowed,
    NotFound,
    ProofNeeded,
    SecondStepNeeded,
    SignInFailed,
    TooManySignIns,
    WrongCode,
)
from wiki.model.actor import Actor
from wiki.store.private import PrivateStore

from .people import GOOD, MINUTE, OTHER, Clock, actor

HALF = 30_000


class Phone:
    """An app for codes, with a clock that may be off."""

    def __init__(self, accounts: Accounts, name: str, clock: Clock) -> None:
        self.accounts, self.clock, self.off_ms = accounts, clock, 0
        self.session = accounts.sign_in(name, GOOD)
        self.owner = actor(accounts, self.session)
        accounts.begin_codes(self.owner, "", self.session)
        secret = accounts.second_step.new_secret_of(self.owner.id or 0)
        self.totp = pyotp.TOTP(secret)
        self.recovery = accounts.confirm_codes(self.owner, self.code(), self.session)
        clock.ms += HALF

    def code(self) -> str:
        return self.totp.at((self.clock.ms + self.off_ms) // 1000)


@pytest.fixture
def phone(accounts: Accounts, ana: int, clock: Clock) -> Phone:
    """Ana's phone: her account asks for codes."""
    return Phone(accounts, "ana", clock)


def waits(accounts: Accounts, name: str = "ana", **more: str) -> str:
    """Type the right password; return the key of the sign-in that waits."""
    with pytest.raises(SecondStepNeeded) as needed:
        accounts.sign_in(name, GOOD, **more)
    return needed.value.key


def wrong(phone: Phone) -> str:
    """Return a code that is right at no time near now."""
    near = {
        phone.totp.at(phone.clock.ms // 1000, counter_offset=n) for n in range(-25, 25)
    }
    return next(f"{n:06d}" for n in range(100) if f"{n:06d}" not in near)


def test_a_password_and_a_code_sign_in(
    accounts: Accounts, ana: int, phone: Phone
) -> None:
    key = waits(accounts)
    assert accounts.session(key) is None
    assert actor(accounts, accounts.finish_sign_in(key, phone.code())).id == ana
    with pytest.raises(SignInFailed, match="Begin again"):
        accounts.finish_sign_in(key, phone.code())


def test_a_wrong_password_is_as_wrong_as_ever(accounts: Accounts, phone: Phone) -> None:
    with pytest.raises(SignInFailed) as failed:
        accounts.sign_in("ana", OTHER)
    assert type(failed.value) is SignInFailed
    assert str(failed.value) == SignInFailed.sentence


def test_a_code_works_once(accounts: Accounts, phone: Phone) -> None:
    code = phone.code()
    accounts.finish_sign_in(waits(accounts), code)
    with pytest.raises(WrongCode, match="used already"):
        accounts.finish_sign_in(waits(accounts), code)
    phone.clock.ms += HALF
    assert accounts.finish_sign_in(waits(accounts), phone.code())


def test_an_earlier_code_is_over_once_a_later_one_was_used(
    accounts: Accounts, phone: Phone
) -> None:
    earlier = phone.code()
    phone.clock.ms += HALF
    accounts.finish_sign_in(waits(accounts), phone.code())
    with pytest.raises(WrongCode, match="used already"):
        accounts.finish_sign_in(waits(accounts), earlier)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_one_step_off(
    accounts: Accounts, phone: Phone, steps: int
) -> None:
    phone.clock.ms += HALF
    phone.off_ms = steps * HALF
    assert accounts.finish_sign_in(waits(accounts), phone.code())


@pytest.mark.parametrize("steps", [-2, -20])
def test_a_slow_clock_is_told(accounts: Accounts, phone: Phone, steps: int) -> None:
    phone.clock.ms += 30 * HALF
    phone.off_ms = steps * HALF
    with pytest.raises(WrongCode, match="Check the time of your phone"):
        accounts.finish_sign_in(waits(accounts), phone.code())


@pytest.mark.parametrize("steps", [2, 20])
def test_a_fast_clock_is_told_to_its_owner_only(
    accounts: Accounts, phone: Phone, clock: Clock, steps: int
) -> None:
    phone.off_ms = steps * HALF
    # Somebody who guessed it could come back when its time has come.
    with pytest.raises(WrongCode) as refused:
        accounts.finish_sign_in(waits(accounts), phone.code())
    assert str(refused.value) == WrongCode.sentence
    bo = accounts.create_user("Bo", "member", GOOD)
    session = accounts.sign_in("bo", GOOD)
    accounts.begin_codes(actor(accounts, session), "", session)
    totp = pyotp.TOTP(accounts.second_step.new_secret_of(bo))
    with pytest.raises(WrongCode, match="your phone is fast"):
        accounts.confirm_codes(
            actor(accounts, session),
            totp.at(clock.ms // 1000, counter_offset=steps),
            session,
        )
    assert not accounts.second_step.is_on(bo)


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "x" * 9999, "\ud800", "\x00"]
)
def test_codes_that_are_none(accounts: Accounts, phone: Phone, typed: str) -> None:
    with pytest.raises(WrongCode):
        accounts.finish_sign_in(waits(accounts), typed)


def test_a_code_may_be_typed_in_groups(accounts: Accounts, phone: Phone) -> None:
    code = phone.code()
    assert accounts.finish_sign_in(waits(accounts), f" {code[:3]} {code[3:]} ")


def test_a_wrong_code_counts_like_a_wrong_password(
    accounts: Accounts, phone: Phone
) -> None:  # R14
    key = waits(accounts)
    for _ in range(4):
        with pytest.raises(WrongCode, match="check the time of your phone"):
            accounts.finish_sign_in(key, wrong(phone))
    with pytest.raises(TooManySignIns):
        accounts.finish_sign_in(key, phone.code())
    with pytest.raises(TooManySignIns):
        accounts.sign_in("ana", GOOD)
    locks = [act for act in accounts.audit.acts() if act.kind == "sign_in.locked"]
    assert len(locks) == 1


def test_a_right_password_does_not_wipe_wrong_codes(
    accounts: Accounts, phone: Phone
) -> None:
    for _ in range(2):
        with pytest.raises(WrongCode):
            accounts.finish_sign_in(waits(accounts), wrong(phone))
    key = waits(accounts)
    with pytest.raises(TooManySignIns):
        accounts.finish_sign_in(key, wrong(phone))


def test_a_sign_in_waits_ten_minutes(accounts: Accounts, phone: Phone) -> None:
    key = waits(accounts)
    phone.clock.ms += 10 * MINUTE
    with pytest.raises(SignInFailed, match="Begin again"):
        accounts.finish_sign_in(key, phone.code())


def test_a_newer_sign_in_ends_the_one_that_waits(
    accounts: Accounts, phone: Phone
) -> None:
    older, newer = waits(accounts), waits(accounts)
    with pytest.raises(SignInFailed):
        accounts.finish_sign_in(older, phone.code())
    assert accounts.finish_sign_in(newer, phone.code())


@pytest.mark.parametrize("key", ["", "x", "x" * 9999, "\ud800"])
def test_keys_that_are_none(accounts: Accounts, phone: Phone, key: str) -> None:
    with pytest.raises(SignInFailed):
        accounts.finish_sign_in(key, phone.code())


def test_other_links_are_no_waiting_sign_in(
    accounts: Accounts, ana: int, phone: Phone
) -> None:
    with pytest.raises(SignInFailed):
        accounts.finish_sign_in(accounts.link_for(ana), phone.code())
    with pytest.raises(LinkOver):
        accounts.follow_link(waits(accounts))


def test_r14_a_known_device_types_its_code_while_others_guess(
    accounts: Accounts, ana: int, phone: Phone
) -> None:  # R14
    device = accounts.devices.remember(ana)
    for _ in range(5):
        with pytest.raises(SignInFailed):
            accounts.sign_in("ana", OTHER)
    key = waits(accounts, device=device)
    assert accounts.finish_sign_in(key, phone.code(), device=device)


# -- recovery codes


def test_recovery_codes_work_once_each(accounts: Accounts, phone: Phone) -> None:
    assert len(set(phone.recovery)) == 10
    for code in phone.recovery[:2]:
        typed = code.upper().replace("-", " ")
        assert accounts.finish_sign_in(waits(accounts), typed)
        with pytest.raises(WrongCode):
            accounts.finish_sign_in(waits(accounts), code)
        phone.clock.ms += 15 * MINUTE
    assert accounts.second_step.recovery_left(phone.owner.id or 0) == 8


def test_recovery_codes_of_somebody_else_are_none(
    accounts: Accounts, phone: Phone, clock: Clock
) -> None:
    accounts.create_user("Bo", "member", GOOD)
    other = Phone(accounts, "bo", clock)
    with pytest.raises(WrongCode):
        accounts.finish_sign_in(waits(accounts), other.recovery[0])


def test_new_recovery_codes_end_the_old(accounts: Accounts, phone: Phone) -> None:
    with pytest.raises(ProofNeeded):
        accounts.renew_recovery(phone.owner, "")
    new = accounts.renew_recovery(phone.owner, GOOD)
    with pytest.raises(WrongCode):
        accounts.finish_sign_in(waits(accounts), phone.recovery[0])
    assert accounts.finish_sign_in(waits(accounts), new[0])


def test_secrets_are_hashed(
    accounts: Accounts, phone: Phone, store: PrivateStore
) -> None:
    stored = b"".join(
        path.read_bytes() for path in store.path.parent.glob("private.db*")
    )
    for code in (*phone.recovery, waits(accounts)):
        assert code.encode() not in stored
        assert code.replace("-", "").encode() not in stored


def test_without_the_extra_recovery_codes_still_work(
    accounts: Accounts, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("wiki.accounts.second_step.pyotp", None)
    assert not accounts.second_step.available
    key = waits(accounts)
    with pytest.raises(WrongCode, match="recovery codes"):
        accounts.finish_sign_in(key, phone.code())
    assert accounts.finish_sign_in(key, phone.recovery[0])
    bo = accounts.create_user("Bo", "member", GOOD)
    with pytest.raises(NotAllowed, match="not installed"):
        accounts.second_step.begin(bo)


# -- on and off


def test_nothing_is_asked_for_before_a_first_code(accounts: Accounts, ana: int) -> None:
    session = accounts.sign_in("ana", GOOD)
    me = actor(accounts, session)
    accounts.begin_codes(me, "", session)
    first = accounts.second_step.new_secret_of(ana)
    accounts.begin_codes(me, "", session)
    assert accounts.second_step.new_secret_of(ana) != first
    assert accounts.sign_in("ana", GOOD)
    assert accounts.second_step.picture(ana, "Ana", "River").startswith(b"\x89PNG")


def test_turning_on_shows_the_secret_no_more_and_ends_other_sessions(
    accounts: Accounts, ana: int, clock: Clock
) -> None:
    there = accounts.sign_in("ana", GOOD)
    device = accounts.devices.remember(ana)
    phone = Phone(accounts, "ana", clock)
    assert accounts.session(there) is None
    assert accounts.session(phone.session)
    assert not accounts.devices.knows(ana, device)
    assert accounts.second_step.new_secret_of(ana) == ""
    with pytest.raises(LinkOver):
        accounts.second_step.picture(ana, "Ana", "River")
    with pytest.raises(NotAllowed, match="already"):
        accounts.begin_codes(phone.owner, "", phone.session)
    with pytest.raises(LinkOver):
        accounts.confirm_codes(phone.owner, phone.code(), phone.session)


@pytest.mark.parametrize("way", ["password", "code", "recovery"])
def test_turning_off_needs_a_proof_always(
    accounts: Accounts, ana: int, phone: Phone, way: str
) -> None:
    me: Actor = phone.owner
    for typed, error in (("", ProofNeeded), (OTHER, SignInFailed)):
        with pytest.raises(error):
            accounts.codes_off(me, typed)
    proof = {"password": GOOD, "code": phone.code(), "recovery": phone.recovery[3]}
    accounts.codes_off(me, proof[way])
    assert accounts.sign_in("ana", GOOD)
    assert accounts.second_step.recovery_left(ana) == 0
    with pytest.raises(NotFound):
        accounts.renew_recovery(me, GOOD)
    acts = [act.kind for act in accounts.audit.acts()]
    assert "account.second_off" in acts
    assert "account.second" in acts


def test_a_link_by_an_administrator_is_the_way_back(
    accounts: Accounts, ana: int, phone: Phone
) -> None:
    session = accounts.follow_link(accounts.link_for(ana))
    me = actor(accounts, session)
    accounts.set_password(me, "", OTHER, keep=session)
    accounts.codes_off(me, OTHER)
    assert accounts.sign_in("ana", OTHER)


def test_a_token_needs_no_second_step(
    accounts: Accounts, ana: int, phone: Phone
) -> None:
    assert accounts.token(accounts.make_token(ana, ["read"]))
