"""Ports: found by binding and listening, kept where they are free, and told who holds them where they are not."""

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app import ports


@pytest.fixture
def held() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


def three_free(held: ExitStack) -> range:
    """Three free ports in a row, which nobody else of this machine is likely to take meanwhile."""
    for first in range(21_000 + os.getpid() % 5000, 32_000, 3):
        try:
            bound = [ports.claim("127.0.0.1", port) for port in range(first, first + 3)]
        except OSError:
            continue
        for item in bound:
            item.close()
        return range(first, first + 3)
    raise AssertionError("no three free ports in a row")


def take(held: ExitStack, port: int, host: str = "127.0.0.1") -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = held.enter_context(socket.socket(family))
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    taken.bind((host, port))
    taken.listen()


def test_the_lowest_free_port_is_taken(held: ExitStack) -> None:
    choice = three_free(held)
    take(held, choice[0])
    bound = ports.claim_free("127.0.0.1", choice)
    held.callback(bound.close)
    assert bound.port == choice[1]


def test_the_port_of_last_time_comes_first(held: ExitStack) -> None:
    choice = three_free(held)
    bound = ports.claim_free("127.0.0.1", choice, first=choice[2])
    held.callback(bound.close)
    assert bound.port == choice[2]


def test_a_port_to_be_left_alone_is_taken_last(held: ExitStack) -> None:
    choice = three_free(held)
    first = ports.claim_free("127.0.0.1", choice, last=[choice[0]])
    second = ports.claim_free("127.0.0.1", choice, last=[choice[0]])
    third = ports.claim_free("127.0.0.1", choice, last=[choice[0]])
    for bound in (first, second, third):
        held.callback(bound.close)
    assert [first.port, second.port, third.port] == [choice[1], choice[2], choice[0]]


def test_two_claims_of_one_port_are_one_too_many(held: ExitStack) -> None:
    bound = ports.claim("127.0.0.1", 0)
    held.callback(bound.close)
    with pytest.raises(OSError, match="in use"):
        ports.claim("127.0.0.1", bound.port)


@pytest.mark.skipif(not os.path.exists("/proc/net/if_inet6"), reason="no IPv6 on this machine")
def test_a_port_that_is_taken_on_the_other_loopback_is_taken(held: ExitStack) -> None:
    choice = three_free(held)
    take(held, choice[0], "::1")
    with pytest.raises(OSError, match="in use"):
        ports.claim("127.0.0.1", choice[0])


def test_a_port_that_is_bound_and_not_yet_listened_on_is_taken_only_once(held: ExitStack) -> None:
    """With SO_REUSEADDR both can bind; who listens first has it."""
    choice = three_free(held)
    other = held.enter_context(socket.socket())
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    other.bind(("127.0.0.1", choice[0]))
    bound = ports.claim("127.0.0.1", choice[0])
    held.callback(bound.close)
    with pytest.raises(OSError, match="in use"):
        other.listen()


def test_all_taken_names_the_range_and_who_holds_it(held: ExitStack) -> None:
    choice = three_free(held)
    for port in choice:
        take(held, port)
    with pytest.raises(ports.NoPort) as refused:
        ports.claim_free("127.0.0.1", choice)
    sentence = str(refused.value)
    assert f"Every port from {choice[0]} to {choice[-1]} is taken" in sentence
    assert sentence.count(f"(pid {os.getpid()})") == 3


def test_a_named_port_that_is_taken_is_refused_with_its_holder(held: ExitStack) -> None:
    choice = three_free(held)
    take(held, choice[0])
    with pytest.raises(ports.NoPort, match=rf"Port {choice[0]} is taken by .*\(pid {os.getpid()}\)"):
        ports.claim_one("127.0.0.1", choice[0])


def test_an_address_that_isn_t_this_machine_s_is_refused() -> None:
    with pytest.raises(ports.NoPort, match=r"192\.0\.2\.1"):
        ports.claim_one("192.0.2.1", 0)


def test_the_ranges_are_those_of_the_contract() -> None:
    assert (ports.WHOLE[0], ports.WHOLE[-1]) == (5050, 5060)
    assert (ports.CHATBOT[0], ports.CHATBOT[-1]) == (8020, 8070)
