"""What a map's nodes were is kept beside the project, and anything else in its place is no error."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from studio.mapping.losses import Fact
from studio.project import shapes

NAMES = st.text(alphabet="ab@/x→", min_size=1, max_size=12)


@given(st.dictionaries(NAMES, st.tuples(st.sampled_from(("", "TEXT", "DATE")), st.booleans())))
def test_there_and_back(found: dict[str, tuple[str, bool]]) -> None:
    # The names beside a node are those of its parent: the same for all below it.
    facts = {path: Fact(*known, (path.rpartition("/")[0] or "root",)) for path, known in found.items()}
    with tempfile.TemporaryDirectory() as place:
        assert shapes.note(Path(place), "transformations/a b/ç", facts)
        assert shapes.noted(Path(place), "transformations/a b/ç") == facts
        assert not shapes.noted(Path(place), "transformations/other")


def test_damaged_files_are_none(tmp_path: Path) -> None:
    assert shapes.note(tmp_path, "transformations/a", {"o": Fact("TEXT")})
    [file] = (tmp_path / ".weft/shapes").iterdir()
    for data in (b"", b"{", b"[]", b'{"facts": {"a": 1}, "beside": {}}', b"\xff"):
        file.write_bytes(data)
        assert not shapes.noted(tmp_path, "transformations/a")


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / ".weft").write_text("a file in the way")
    assert not shapes.note(tmp_path, "transformations/a", {"o": Fact("TEXT")})
