"""Free space on the database's disk."""

from __future__ import annotations

import re
from pathlib import Path

from aggregator.store.disk import MIN_FREE_BYTES, disk_full
from aggregator.store.url import read_database

ALL_THE_WORLD = 2**62


def test_a_disk_with_too_little_room_is_a_shortage(tmp_path: Path) -> None:
    found = disk_full(read_database(f"sqlite:///{tmp_path}/wall.db"), least=ALL_THE_WORLD)
    assert found is not None
    location = re.escape(f"{tmp_path}/wall.db")
    assert re.fullmatch(
        f"Disk full: [0-9]+ MB of free space are too little for the database {location}.", found.problem
    )
    assert found.hint == "Free some space on its disk."


def test_a_disk_with_room_is_no_shortage(tmp_path: Path) -> None:
    assert disk_full(read_database(f"sqlite:///{tmp_path}/wall.db"), least=0) is None
    assert MIN_FREE_BYTES == 10 * 1024**2


def test_a_folder_that_is_away_is_somebody_else_s_to_tell(tmp_path: Path) -> None:
    assert disk_full(read_database(f"sqlite:///{tmp_path}/away/wall.db"), least=ALL_THE_WORLD) is None


def test_a_database_server_looks_after_its_own_disk() -> None:
    assert disk_full(read_database("postgresql://wall@127.0.0.1/wall"), least=ALL_THE_WORLD) is None
