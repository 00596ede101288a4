import statistics
import time

import pytest

from app.crm.accounts import passwords
from app.shared.errors import Invalid


@pytest.mark.parametrize(
    "password",
    ["", "short", "123456789", "1234567890", "0987654321", "qwertyuiop", "Qwerty12345", "abcdefghij", "password123",
     "P@ssw0rd2024!", "passwordpassword", "Welcome2024!!", "letmein1234", "aaaaaaaaaa", "abababababab", "1q2w3e4r5t",
     "iloveyou!!", "   changeme   ", "administrator", "correcthorsebatterystaple", "x" * 1001],
)  # fmt: skip
def test_what_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as refused:
        passwords.check(password, name="Jo", email="jo@example.com")
    assert refused.value.errors[0].field == "password"


@pytest.mark.parametrize(
    "password",
    ["annaschmidt1", "Schmidt2024!", "anna@schmidt-gmbh.de", "Schmidt Anna 99", "schmidt-gmbh7", "anna.anna.1"],
)
def test_ones_own_name_and_address_are_refused(password: str) -> None:
    with pytest.raises(Invalid, match="another password"):
        passwords.check(password, name="Anna Schmidt", email="anna@schmidt-gmbh.de")


@pytest.mark.parametrize(
    "password",
    [
        "tulip river 42",
        "vT9#kLmQ2z",
        "8351906274",
        "Füße auf dem Tisch",
        "anna hates mornings",
        "密碼很長很長很長很長喔",
    ],
)
def test_what_is_long_and_not_common_is_accepted_whatever_its_signs(password: str) -> None:
    passwords.check(password, name="Anna Schmidt", email="anna@schmidt.de")


def test_a_hash_is_argon2id_with_the_parameters_of_the_design() -> None:
    stored = passwords.hash_password("tulip river 42")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.verify(stored, "tulip river 42")
    assert not passwords.verify(stored, "tulip river 43")
    assert not passwords.is_outdated(stored)


@pytest.mark.parametrize("stored", ["", "nonsense", "$argon2id$broken"])
def test_a_broken_hash_opens_nothing(stored: str) -> None:
    assert not passwords.verify(stored, "tulip river 42")


def test_nobodys_password_takes_as_long_as_a_wrong_one() -> None:
    stored = passwords.hash_password("tulip river 42")

    def cost(hashed: str | None) -> float:
        started = time.thread_time()  # of this thread's own work: what else the machine does isn't counted
        assert not passwords.verify(hashed, "something else")
        return time.thread_time() - started

    pairs = [(cost(None), cost(stored)) for _ in range(9)]
    nobody, wrong = (statistics.median(column) for column in zip(*pairs, strict=True))
    assert 0.5 < nobody / wrong < 2
