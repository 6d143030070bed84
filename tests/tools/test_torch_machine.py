"""Which precision a training takes by itself."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.tools
torch = pytest.importorskip("torch")

from tools.torch_machine import this_machine  # noqa: E402


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        ({"amx_bf16": True, "avx512_bf16": False}, True),
        ({"amx_bf16": False, "avx512_bf16": True}, True),
        ({"amx_bf16": False, "avx512_f": True}, False),
        ({}, False),
    ],
)
def test_bfloat16_where_the_processor_multiplies_in_it(
    units: dict[str, bool], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: units)
    assert this_machine().bfloat16 is expected
    assert this_machine("float32").bfloat16 is False
    assert this_machine("bfloat16").bfloat16 is True
