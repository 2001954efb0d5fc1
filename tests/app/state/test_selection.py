"""Link groups: letters share an instrument, a panel that is not linked keeps its own."""

import pytest

from app.state.selection import LETTERS, Selection, group_key, next_letter


def test_a_group_that_never_chose_shows_what_the_first_one_shows() -> None:
    selection = Selection()
    assert selection.of("B") == 0
    assert selection.put("A", 5)
    assert not selection.put("A", 5)
    assert selection.of("B") == 5
    assert selection.put("B", 6)
    assert (selection.of("A"), selection.of("B")) == (5, 6)
    assert selection.shown() == {5, 6}


def test_a_panel_that_joins_takes_what_the_group_has() -> None:
    selection = Selection()
    selection.put("A", 5)
    assert selection.join("C", 9) == 9
    assert selection.join("C", 5) == 9
    pinned = group_key("", "tape.2")
    assert selection.join(pinned, 7) == 7
    selection.put("A", 1)
    assert selection.of(pinned) == 7
    selection.forget(pinned)
    selection.forget("C")
    assert selection.saved() == {"A": 1, "C": 9}


def test_letters_go_round_and_others_are_refused() -> None:
    seen = ["A"]
    for _ in LETTERS:
        seen.append(next_letter(seen[-1]))
    assert seen == [*LETTERS, ""]
    assert next_letter("") == "A"
    with pytest.raises(ValueError, match="no link group"):
        group_key("Z", "tape")
