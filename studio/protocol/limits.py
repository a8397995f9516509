"""The limits client and server share: each refuses with the same number, the client before anything travels."""

from __future__ import annotations

from typing import Final

# "100 KB of test data in the cloud" means 102,400 bytes, counted after encoding: bytes, not characters, not packed.
TEST_DATA_BYTES: Final = 102_400
TEST_DATA_FOLDERS: Final = ("samples", "tests")

PATH_BYTES: Final = 400
PATH_DEPTH: Final = 32
NAME_BYTES: Final = 255
OBJECTS: Final = 20_000  # in one revision
PROJECT_BYTES: Final = 2 * 1024**3  # in one revision, unpacked

PACK_OBJECT_BYTES: Final = 8 * 1024**2  # larger objects travel as resumable uploads
PACK_BYTES: Final = 512 * 1024**2  # as it travels
PACK_CONTENT_BYTES: Final = 1024**3  # unpacked
PACK_WANTED: Final = 20_000  # objects asked for at once

UPLOAD_BYTES: Final = 512 * 1024**2
UPLOAD_PIECE_BYTES: Final = 4 * 1024**2  # what one request of an upload may carry
FILE_BYTES: Final = {"schema": 16 * 1024**2, "driver": 256 * 1024**2, "plugin": 128 * 1024**2}

REQUEST_BYTES: Final = 8 * 1024**2  # of a request in JSON
NAME_CHARACTERS: Final = 120
MESSAGE_CHARACTERS: Final = 2_000
PAGE: Final = 50
PAGE_MOST: Final = 200
VARIABLES: Final = 1_000
VARIABLE_CHARACTERS: Final = 8_000
SEALED_BYTES: Final = 65_536
