"""Memory as kernels pass it to each other: a pointer and a size, where numba's array is seven words wide.

With arrays, a call of a step with five of them has 35 arguments to pack and unpack, and each index a dozen
instructions to make: half of the time that the compiler needs. Rules: an entry turns its arrays into words first; an
index is checked only with NUMBA_BOUNDSCHECK=1 (an IndexError); as plain Python arrays stay arrays.
"""

import operator
from typing import Any, Final

import numba
import numpy as np
from numba.core import cgutils, types
from numba.core.typing.templates import AbstractTemplate, infer_global, signature
from numba.extending import intrinsic, lower_builtin, make_attribute_wrapper, models, overload, register_model
from numpy.typing import NDArray

Words = NDArray[np.uint64]
"""Memory as unsigned words. Every address, link and bitmap is one of them."""
Signed = NDArray[np.int64]
"""The same memory as signed words: prices, quantities, money."""
INDEX_IS_CHECKED: Final = bool(numba.config.BOUNDSCHECK)


class WordsType(types.Type):
    """Words of one integer type, unsigned or signed."""

    def __init__(self, element: types.Integer) -> None:
        self.element = element
        super().__init__(name=f"Words({element})")


@register_model(WordsType)
class WordsModel(models.StructModel):
    """A pointer to the first word and how many there are."""

    def __init__(self, manager: Any, words: WordsType) -> None:
        first = types.CPointer(words.element)  # type: ignore[attr-defined]
        super().__init__(manager, words, [("data", first), ("size", types.intp)])


make_attribute_wrapper(WordsType, "size", "size")


@infer_global(operator.getitem)
class ReadWord(AbstractTemplate):
    """`words[index]`."""

    def generic(self, args: Any, _keywords: Any) -> Any:
        """Its type is the element's."""
        words, index = args
        if isinstance(words, WordsType) and isinstance(index, types.Integer):
            return signature(words.element, words, types.uint64)
        return None


@infer_global(operator.setitem)
class WriteWord(AbstractTemplate):
    """`words[index] = value`."""

    def generic(self, args: Any, _keywords: Any) -> Any:
        """The value becomes the element's type."""
        words, index, value = args
        if isinstance(words, WordsType) and isinstance(index, types.Integer) and isinstance(value, _NUMBERS):
            return signature(types.none, words, types.uint64, words.element)
        return None


_NUMBERS = (types.Integer, types.Boolean)


UNSIGNED_WORDS = WordsType(types.uint64)
SIGNED_WORDS = WordsType(types.int64)


def data_of(context: Any, builder: Any, words_type: WordsType, words: Any) -> Any:
    """The pointer to the first word."""
    return cgutils.create_struct_proxy(words_type)(context, builder, value=words).data


def _place(context: Any, builder: Any, words_type: WordsType, words: Any, index: Any) -> Any:
    if INDEX_IS_CHECKED:
        size = cgutils.create_struct_proxy(words_type)(context, builder, value=words).size
        with builder.if_then(builder.icmp_unsigned(">=", index, size), likely=False):
            context.call_conv.return_user_exc(builder, IndexError, ("a word outside of the memory",))
    return builder.gep(data_of(context, builder, words_type, words), [index])


@lower_builtin(operator.getitem, WordsType, types.Integer)
def _read(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return builder.load(_place(context, builder, sig.args[0], args[0], args[1]))


@lower_builtin(operator.setitem, WordsType, types.Integer, types.Integer)
def _write(context: Any, builder: Any, sig: Any, args: Any) -> None:
    builder.store(args[2], _place(context, builder, sig.args[0], args[0], args[1]))


@intrinsic
def _view(typing_context: Any, array: Any) -> Any:
    def build(context: Any, builder: Any, sig: Any, args: Any) -> Any:
        source = context.make_array(sig.args[0])(context, builder, args[0])
        words = cgutils.create_struct_proxy(sig.return_type)(context, builder)
        words.data = source.data
        words.size = source.nitems
        return words._getvalue()  # noqa: SLF001

    return signature(WordsType(array.dtype), array), build


def as_words(array: Any) -> Any:
    """What kernels take for an array: as plain Python the array itself, compiled its pointer and size."""
    return array


@overload(as_words, strict=False)
def _as_words(array: Any) -> Any:
    return lambda array: _view(array)  # noqa: PLW0108 - numba wants a function of its own
