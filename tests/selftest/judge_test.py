#!/usr/bin/env python3
"""The judge on recorded traces: honest guests pass, liars do not."""
from __future__ import annotations

import sys
from pathlib import Path

TESTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TESTS), str(TESTS / "rig")]

import judge  # noqa: E402
import tap  # noqa: E402
from guest import Guest  # noqa: E402
from host import Result  # noqa: E402
from outcome import outcome  # noqa: E402
from verdict import (FAILED, NO_HOST, NO_VERDICT, PASSED,  # noqa: E402
                     TIMEOUT)

# Recorded from QEMU 10.0.2: contact and offers of a guest with one balloon.
# The end of the offers was posted twice, the guest's slot being full.
CONTACT = """\
vmbus_recv_message type 14 size 40
vmbus_process_incoming_message type 14
vmbus_initiate_contact version 4.0 target vp 0 mon pages 0x1fac3000,0x1fac4000 int page 0x1fac2000
vmbus_post_msg type 15 size 12
vmbus_msg_cb message status 0
vmbus_recv_message type 3 size 8
vmbus_process_incoming_message type 3
vmbus_send_offer channel #1 dev 0x55927a9fe000
vmbus_post_msg type 1 size 200
vmbus_msg_cb message status 0
vmbus_terminate_offers 
vmbus_post_msg type 4 size 8
vmbus_msg_cb message status -11
vmbus_terminate_offers 
vmbus_post_msg type 4 size 8
vmbus_msg_cb message status 0
"""
# In the same form, put together by hand: a channel's life and the unload.
CHANNEL = """\
vmbus_gpadl_header gpadl #57 gfns 8
vmbus_gpadl_created gpadl #57
vmbus_open_channel channel #1 gpadl #57 target vp 0
vmbus_channel_open channel #1 status 0
vmbus_close_channel channel #1
vmbus_gpadl_teardown gpadl #57
vmbus_gpadl_torndown gpadl #57
vmbus_recv_message type 16 size 8
vmbus_process_incoming_message type 16
"""
HONEST = ["contact 4.0", "offers 1", "gpadl-created 57 pages=8", "open 1",
          "close 1", "gpadl-torndown 57", "unload"]


def serial(claims: list[str]) -> str:
    """A guest's serial output with these claims among other lines."""
    return "[   0.001] log\n" + "".join(f"# claim: {claim}\r\n"
                                        for claim in claims) + "ok 1 - x\n"


def judged(claims: list[str], trace: str = CONTACT + CHANNEL) -> str | None:
    return judge.disagreement(serial(claims), trace.splitlines())


def changed(number: int, claim: str) -> list[str]:
    return HONEST[:number] + [claim] + HONEST[number + 1:]


def test_the_recorded_trace_is_understood() -> None:
    assert judge.facts((CONTACT + CHANNEL).splitlines()) == HONEST


def test_an_honest_guest_is_believed() -> None:
    assert judged(HONEST) is None


def test_a_refused_contact_is_borne_out_by_the_trace() -> None:
    trace = CONTACT.splitlines()[2].replace("4.0", "5.2") + "\n" + CONTACT
    claims = ["contact 5.2 refused", "contact 4.0", "offers 1"]
    assert judged(claims, trace) is None
    assert judged(claims[1:], trace)


def test_another_version_is_a_lie() -> None:
    assert "'contact 3.0'" in (judged(changed(0, "contact 3.0")) or "")


def test_another_number_of_offers_is_a_lie() -> None:
    assert judged(changed(1, "offers 2"))


def test_offers_of_no_devices_are_none() -> None:
    trace = [line for line in CONTACT.splitlines() if "send_offer" not in line]
    assert judge.facts(trace) == ["contact 4.0", "offers 0"]


def test_two_offers_are_two_though_one_is_posted_again() -> None:
    again = CONTACT.replace(
        "vmbus_terminate_offers \n",
        "vmbus_send_offer channel #2 dev 0x1\n"
        "vmbus_send_offer channel #2 dev 0x1\nvmbus_terminate_offers \n", 1)
    assert judge.facts(again.splitlines()) == ["contact 4.0", "offers 2"]


def test_another_handle_is_a_lie() -> None:
    assert judged(changed(2, "gpadl-created 58 pages=8"))


def test_another_size_of_gpadl_is_a_lie() -> None:
    assert judged(changed(2, "gpadl-created 57 pages=9"))


def test_a_channel_that_was_not_opened_is_a_lie() -> None:
    assert judged(changed(3, "open 2"))
    assert judged(HONEST, (CONTACT + CHANNEL).replace(
        "channel #1 status 0", "channel #1 status 5"))


def test_another_order_is_a_lie() -> None:
    swapped = HONEST[:4] + [HONEST[5], HONEST[4], HONEST[6]]
    assert "claim 5" in (judged(swapped) or "")


def test_a_claim_too_many_is_a_lie() -> None:
    assert "nothing more" in (judged(HONEST + ["close 1"]) or "")


def test_silence_is_a_lie() -> None:
    assert "does not claim" in (judged(HONEST[:-1]) or "")
    assert judged([])


def test_a_host_that_saw_nothing_contradicts() -> None:
    assert judged(HONEST, "")


def test_nothing_claimed_and_nothing_seen_agree() -> None:
    assert judged([], "") is None


def verdict_of(status: int, text: str, trace: str = CONTACT + CHANNEL,
               late: bool = False, host: str = "nested",
               options: str = "exit claims") -> object:
    guest = Guest(Path("x.efi"), options)
    result = Result(status, text, trace.splitlines(), timed_out=late)
    return outcome(guest, host, result)[0]


def test_passed_stands_only_if_the_host_agrees() -> None:
    assert verdict_of(33, serial(HONEST)) is PASSED
    assert verdict_of(33, serial(HONEST[1:])) is FAILED


def test_a_guest_that_was_not_asked_for_claims_is_not_compared() -> None:
    assert verdict_of(33, serial([]), options="exit") is PASSED
    assert verdict_of(33, serial([]), options="exit claims") is FAILED


def test_passed_does_not_stand_beside_a_failed_tap_line() -> None:
    assert verdict_of(33, serial(HONEST) + "not ok 2 - y\n") is FAILED


def test_where_there_is_no_vmbus_nothing_is_judged() -> None:
    assert verdict_of(33, serial([]), "", host="tcg") is PASSED


def test_an_end_without_verdict_is_no_success() -> None:
    assert verdict_of(0, serial(HONEST)) is NO_VERDICT


def test_a_late_guest_is_late_whatever_it_said() -> None:
    assert verdict_of(0, serial(HONEST), late=True) is TIMEOUT


def test_what_qemu_did_not_say_is_not_told() -> None:
    guest = Guest(Path("x.efi"))
    _, words = outcome(guest, "minihv", Result(35, serial([]), []))
    assert words.endswith("(QEMU: status 35)"), words


def test_a_qemu_that_refuses_is_no_host() -> None:
    assert verdict_of(1, "") is NO_HOST


if __name__ == "__main__":
    sys.exit(tap.run(globals()))
