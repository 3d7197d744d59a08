"""Looks at the pickle in a PyTorch file before torch does: what code it would run, and how long it is.

`torch.load(weights_only=True)` runs no code either. It is asked afterwards; here its reasons become sentences, and what
would fill the memory is refused before.
"""

from __future__ import annotations

import io
import pickletools
import warnings

from ..found import NetworkFileError

MOST_BYTES = 4 * 2**20
"""Of the pickle: the names of 10,000 arrays, and what an optimizer knows of them, take less."""
LEGACY_MAGIC = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""A file that `torch.save` wrote before version 1.6 begins so: a pickle of one number."""
_LEGACY_PICKLES = 5
SAVE_RIGHT = "save the numbers alone: torch.save(model.state_dict(), 'net.pt')"

_ARRAYS = {
    *("collections.OrderedDict", "collections.Counter", "builtins.set", "builtins.complex", "_codecs.encode"),
    *("torch.Size", "torch.device", "torch.Tensor", "torch.nn.parameter.Parameter"),
    *("torch.serialization._get_layout", "torch._tensor._rebuild_from_type_v2"),
    *(f"torch._utils._rebuild_{kind}" for kind in ("tensor", "tensor_v2", "tensor_v3", "parameter")),
}
"""What a pickle of arrays alone names."""
_NEWER = 4
"""The first pickle protocol that torch does not read with `weights_only`."""
_STORAGE = "Storage"
_QUANTISED = ("torch.Q", "torch.q", "torch._utils._rebuild_qtensor", "torch.ScriptObject")
_DTYPES = ("float", "bfloat", "int", "uint", "bool", "complex")
_STRINGS = ("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8", "STRING", "BINSTRING", "SHORT_BINSTRING")


def check_pickle(data: bytes) -> None:
    """Raise NetworkFileError, in a sentence, for a pickle that is damaged or does more than hold arrays by name."""
    if len(data) > MOST_BYTES:
        raise NetworkFileError(
            f"the list of its arrays has {len(data):,} bytes, more than a network needs; {SAVE_RIGHT}."
        )
    _look(io.BytesIO(data))


def check_legacy(data: bytes) -> None:
    """Do the same for the first bytes of a file as `torch.save` wrote it before version 1.6: five pickles."""
    file = io.BytesIO(data)
    for _ in range(_LEGACY_PICKLES):
        _look(file)


def _look(file: io.BytesIO) -> None:
    texts: list[str] = []
    newer = False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # on letters in damaged names that look like escapes
            for opcode, argument, _place in pickletools.genops(file):
                newer = newer or opcode.proto >= _NEWER
                if opcode.name in _STRINGS:
                    texts = [*texts[-1:], str(argument)]
                elif opcode.name in ("GLOBAL", "INST"):
                    _check_name(str(argument).replace(" ", "."))
                elif opcode.name == "STACK_GLOBAL":
                    _check_name(".".join(texts))
    except (ValueError, IndexError, OverflowError, UnicodeError) as error:
        raise NetworkFileError(f"it is damaged, or its end is missing; get a new copy, or {SAVE_RIGHT}.") from error
    if newer:
        raise NetworkFileError(
            f"it was saved with a pickle_protocol from {_NEWER} on, which cannot be read without running code; "
            f"{SAVE_RIGHT}."
        )


def _check_name(name: str) -> None:
    """Raise NetworkFileError unless a pickle of arrays may name this."""
    name = name.replace("__builtin__.", "builtins.")
    last = name.removeprefix("torch.")
    if name.startswith(_QUANTISED):
        raise NetworkFileError(
            f"its weights are quantised ({last[:60]}), which cannot be read here; save the network as it was before "
            "that, in float32."
        )
    is_kind = name.startswith("torch.") and (last.startswith(_DTYPES) or last.endswith(_STORAGE))
    if name in _ARRAYS or is_kind:
        return
    if name.startswith("torch._utils._rebuild_"):
        raise NetworkFileError(
            f"not all of its arrays are plain ones ({name.rpartition('_rebuild_')[2][:40]}); turn them into such, as "
            f"with to_dense(), and {SAVE_RIGHT}."
        )
    if name.startswith("torch.nn."):
        raise NetworkFileError(
            f"it holds a whole module ({name[:80]}), and opening one runs code, so it was not opened; {SAVE_RIGHT}."
        )
    raise NetworkFileError(
        f"opening it would run code ({name[:80]}), so it was not opened; if it is a network of yours, {SAVE_RIGHT}."
    )
