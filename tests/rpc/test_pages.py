"""Page tokens come back only to the request they were given to."""

from __future__ import annotations

import base64

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from ertedge.errors import InvalidRequestError
from ertedge.rpc import pages
from ertedge.v1 import device_service_pb2 as device
from ertedge.v1 import emotion_service_pb2 as emotion

REQUEST = emotion.ListEmotionStatesRequest(page_size=10, start_time=Timestamp(seconds=5))
TOKEN = pages.token_after(1234, REQUEST)


def test_there_and_back_and_the_page_may_change_its_size() -> None:
    again = emotion.ListEmotionStatesRequest(page_size=99, page_token=TOKEN, start_time=Timestamp(seconds=5))
    assert pages.cursor_of(again, TOKEN) == 1234
    assert pages.token_after(None, REQUEST) == ""
    assert pages.cursor_of(REQUEST, "") is None


@pytest.mark.parametrize(
    "other",
    [
        emotion.ListEmotionStatesRequest(),
        emotion.ListEmotionStatesRequest(start_time=Timestamp(seconds=6)),
        device.ListPrivacyLedgerEntriesRequest(),
    ],
)
def test_with_other_fields_it_is_refused(other: emotion.ListEmotionStatesRequest) -> None:
    with pytest.raises(InvalidRequestError, match="page_token: belongs to a request with other fields"):
        pages.cursor_of(other, TOKEN)


@pytest.mark.parametrize("token", ["x", "!!!!", "ä", TOKEN[:-2], TOKEN + "AAAA", base64.b64encode(b"{}").decode()])
def test_what_was_never_given_out_is_refused(token: str) -> None:
    with pytest.raises(InvalidRequestError, match="page_token"):
        pages.cursor_of(REQUEST, token)


def test_sizes() -> None:
    assert [pages.size_of(size) for size in (0, 1, 1000, 5000)] == [100, 1, 1000, 1000]
    with pytest.raises(InvalidRequestError, match="page_size"):
        pages.size_of(-1)


def test_a_short_list_pages_too() -> None:
    first, token = pages.slice_of("abc", device.ListModelsRequest(page_size=2))
    assert list(first) == ["a", "b"]
    last, end = pages.slice_of("abc", device.ListModelsRequest(page_size=2, page_token=token))
    assert (list(last), end) == (["c"], "")
