"""`backup` and `restore`: the file's content, what is restored, and refusals."""

import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from io import BytesIO
from pathlib import Path

import pytest

from aggregator.media.blob_store import BlobStore
from tests.web.cli.conftest import CommandLine

SMALL, LARGE = b"a small picture", b"a large picture"


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    """One post on the wall `rehearsal`, with a picture of its author."""
    cli.play({"text": "Hello from the quay"})
    data = cli.folder / "data"
    file = BlobStore(data / "media").put(SMALL, LARGE)
    with closing(sqlite3.connect(data / "backchannel.db")) as db, db:
        db.execute(
            "INSERT INTO picture (id, network, url, purpose, progress, file, color, width, height, tries, next_try_at,"
            " trouble) VALUES ('p', 'rehearsal', 'u', 'avatar', 'ready', ?, '', 1, 1, 0, 0, '')",
            (file,),
        )
    return cli


def query(cli: CommandLine, words: str) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(cli.folder / "data" / "backchannel.db")) as db:
        return db.execute(words).fetchall()


def tampered(file: Path, change: Callable[[tarfile.TarInfo, bytes], tuple[tarfile.TarInfo, bytes]]) -> str:
    """The same tar file with other entries."""
    target = file.with_name("tampered.tar")
    with tarfile.open(file) as old, tarfile.open(target, "w") as new:
        for entry in old:
            content = old.extractfile(entry)
            changed, data = change(entry, content.read() if content else b"")
            changed.size = len(data)
            new.addfile(changed, BytesIO(data))
    return str(target)


def test_backup_and_restore_bring_everything_back(filled: CommandLine) -> None:
    file = filled.folder / "a.tar"
    made = filled.json("backup", str(file))
    assert {name: made[name] for name in ("walls", "posts", "pictures", "has_secret_key")} == {
        "walls": 1,
        "posts": 1,
        "pictures": 1,
        "has_secret_key": False,
    }
    assert (file.stat().st_mode & 0o777, made["bytes"]) == (0o600, file.stat().st_size)
    posts, epoch = query(filled, "SELECT id, body FROM post"), query(filled, "SELECT epoch FROM channel ORDER BY id")
    filled("wall", "remove", "rehearsal", "--yes")
    assert "Restored 1 wall, 1 post and 1 picture." in filled("restore", str(file), "--yes")
    assert query(filled, "SELECT id, body FROM post") == posts
    assert not set(query(filled, "SELECT epoch FROM channel")) & set(epoch)
    assert [row["slug"] for row in filled.json("walls")] == ["rehearsal"]
    [(name,)] = query(filled, "SELECT file FROM picture WHERE id = 'p'")
    blobs = BlobStore(filled.folder / "data" / "media")
    assert [path.read_bytes() for size in "sl" if (path := blobs.find(str(name), size))] == [SMALL, LARGE]


def test_restore_keeps_what_was_there_before(filled: CommandLine) -> None:
    filled("backup", str(filled.folder / "a.tar"))
    filled("wall", "create", "later", "--name", "Later")
    before = filled.json("restore", str(filled.folder / "a.tar"), "--yes")["before"]
    with closing(sqlite3.connect(before)) as db:
        assert db.execute("SELECT slug FROM wall ORDER BY slug").fetchall() == [("later",), ("rehearsal",)]
    assert [row["slug"] for row in filled.json("walls")] == ["rehearsal"]


def test_restore_needs_no_database_that_is_there(filled: CommandLine) -> None:
    file = filled.folder / "a.tar"
    filled("backup", str(file))
    filled.environment["BACKCHANNEL_DATA_DIR"] = str(filled.folder / "new")
    assert filled.json("restore", str(file))["before"] is None
    assert [row["slug"] for row in filled.json("walls")] == ["rehearsal"]


def test_restore_puts_a_backup_in_the_place_of_a_damaged_database(filled: CommandLine) -> None:
    file = filled.folder / "a.tar"
    filled("backup", str(file))
    (filled.folder / "data" / "backchannel.db").write_bytes(b"no database at all" * 1000)
    filled("restore", str(file), "--yes")
    assert [row["slug"] for row in filled.json("walls")] == ["rehearsal"]


def test_restore_puts_a_backup_in_the_place_of_a_folder(filled: CommandLine) -> None:
    file, place = filled.folder / "a.tar", filled.folder / "data" / "backchannel.db"
    filled("backup", str(file))
    place.unlink()
    place.mkdir()
    filled("restore", str(file), "--yes")
    assert [row["slug"] for row in filled.json("walls")] == ["rehearsal"]


def test_restore_asks_first(filled: CommandLine) -> None:
    filled("backup", str(filled.folder / "a.tar"))
    filled("wall", "create", "later", "--name", "Later")
    asked = filled.run("restore", str(filled.folder / "a.tar"), code=1, answer="n\n")
    assert "by 1 wall, 1 post and 1 picture, as of" in asked.stdout
    assert asked.stderr == "Nothing was restored.\n"
    assert "add --yes" in filled.run("restore", str(filled.folder / "a.tar"), code=1).stderr
    assert len(filled.json("walls")) == 2
    filled.run("restore", str(filled.folder / "a.tar"), answer="y\n")
    assert len(filled.json("walls")) == 1


def test_backup_leaves_out_what_was_deleted(filled: CommandLine) -> None:
    """Free pages of the file included."""
    filled("wall", "remove", "rehearsal", "--yes")
    filled("wall", "create", "hall", "--name", "The hall")
    file = filled.folder / "a.tar"
    filled("backup", str(file))
    assert b"Hello from the quay" not in file.read_bytes()


def test_backup_takes_the_secret_key_where_it_is_asked_for(filled: CommandLine) -> None:
    data = filled.folder / "data"
    (data / "secret.key").write_text("a" * 40 + "\n", encoding="utf-8")
    without, with_it = filled.folder / "a.tar", filled.folder / "b.tar"
    assert "secret key" not in filled("backup", str(without))
    assert " and 1 picture, with the secret key to " in filled("backup", str(with_it), "--with-secret-key")
    assert (b"a" * 40 in without.read_bytes(), b"a" * 40 in with_it.read_bytes()) == (False, True)
    (data / "secret.key").write_text("b" * 40 + "\n", encoding="utf-8")
    filled("restore", str(with_it), "--yes")
    assert (data / "secret.key").read_text(encoding="utf-8").split() == ["b" * 40, "a" * 40]
    assert (data / "secret.key").stat().st_mode & 0o777 == 0o600


def test_backup_says_where_there_is_no_secret_key_to_take(filled: CommandLine) -> None:
    done = filled.run("backup", str(filled.folder / "a.tar"), "--with-secret-key")
    assert "with the secret key" not in done.stdout
    assert done.stderr == f"No secret key at {filled.folder / 'data' / 'secret.key'}: the backup has none.\n"


def test_backup_says_what_its_tokens_need(filled: CommandLine) -> None:
    with closing(sqlite3.connect(filled.folder / "data" / "backchannel.db")) as db, db:
        db.execute("UPDATE source SET credentials = 'sealed'")
    file = str(filled.folder / "a.tar")
    assert "The backup's access tokens need the secret key" in filled.run("backup", file).stderr
    assert "give each token again" in filled.run("restore", file, "--yes").stderr


def test_backup_writes_over_nothing(filled: CommandLine) -> None:
    file = filled.folder / "a.tar"
    file.write_text("mine", encoding="utf-8")
    assert (
        filled.refused("backup", str(file))
        == f"File exists: choose another name than “{file}”, or move that file away."
    )
    assert file.read_text(encoding="utf-8") == "mine"
    assert filled.refused("backup", str(filled.folder / "no" / "a.tar")).startswith("No such folder: ")


@pytest.mark.new_machine
def test_backup_needs_something_to_back_up(cli: CommandLine) -> None:
    assert cli.refused("backup", str(cli.folder / "a.tar")).startswith("Nothing to back up")
    assert not list(cli.folder.iterdir())


def test_backup_says_what_to_do_with_a_server_s_database(cli: CommandLine) -> None:
    cli.environment["BACKCHANNEL_DATABASE_URL"] = "postgresql://a@localhost:1/b"
    assert "pg_dump" in cli.refused("backup", str(cli.folder / "a.tar"))


def test_restore_refuses_while_the_database_is_in_use(filled: CommandLine) -> None:
    file, data = filled.folder / "a.tar", filled.folder / "data"
    filled("backup", str(file))
    with closing(sqlite3.connect(data / "backchannel.db")) as db:
        db.execute("SELECT count(*) FROM post").fetchone()
        for answered in ([], ["--yes"]):
            assert "is in use: stop the server" in filled.refused("restore", str(file), *answered)
    filled("restore", str(file), "--yes")
    assert not list(data.glob(".restore*"))


@pytest.mark.parametrize("kept", [0, 10, 512, 5_000, 100_000, -10_240])
def test_restore_refuses_part_of_a_backup(filled: CommandLine, kept: int) -> None:
    whole, part = filled.folder / "a.tar", filled.folder / "b.tar"
    filled("backup", str(whole))
    part.write_bytes(whole.read_bytes()[:kept])
    assert filled.refused("restore", str(part), "--yes").startswith(f"Invalid backup: “{part}” is not")
    assert len(filled.json("walls")) == 1


def test_restore_refuses_other_files(filled: CommandLine) -> None:
    other = filled.folder / "other.tar"
    with tarfile.open(other, "w") as tar:
        tar.add(__file__, "test.py")
    assert filled.refused("restore", str(other), "--yes") == f"Invalid backup: “{other}” is not a Backchannel backup."
    assert filled.refused("restore", str(filled.folder / "none.tar")).startswith("No such file: ")


@pytest.mark.parametrize("name", ["../../evil.db", "/etc/evil", "media/../../evil", "backchannel.db/..", "other"])
def test_restore_refuses_entries_that_no_backup_has(filled: CommandLine, name: str) -> None:
    filled("backup", str(filled.folder / "a.tar"))

    def renamed(entry: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if entry.name.endswith("s.webp"):
            entry.name = name
        return entry, content

    bad = tampered(filled.folder / "a.tar", renamed)
    assert "has an unexpected entry." in filled.refused("restore", bad, "--yes")


def test_restore_refuses_a_link_in_the_place_of_a_file(filled: CommandLine) -> None:
    filled("backup", str(filled.folder / "a.tar"))

    def linked(entry: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if entry.name != "backchannel.db":
            return entry, content
        link = tarfile.TarInfo(entry.name)
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        return link, b""

    bad = tampered(filled.folder / "a.tar", linked)
    assert "has an unexpected entry." in filled.refused("restore", bad, "--yes")


@pytest.mark.parametrize("damage", [b"", b"SQLite format 3\0" + b"x" * 5_000, None])
def test_restore_refuses_a_damaged_database(filled: CommandLine, damage: bytes | None) -> None:
    filled("backup", str(filled.folder / "a.tar"))

    def damaged(entry: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if entry.name != "backchannel.db":
            return entry, content
        return entry, content[:40_000] + b"\xff" * (len(content) - 40_000) if damage is None else damage

    bad = tampered(filled.folder / "a.tar", damaged)
    assert filled.refused("restore", bad, "--yes") == f"Damaged backup: the database in “{bad}” cannot be read."
    assert len(filled.json("walls")) == 1


def test_restore_refuses_a_backup_of_a_later_kind(filled: CommandLine) -> None:
    filled("backup", str(filled.folder / "a.tar"))

    def later(entry: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        if entry.name != "about.json":
            return entry, content
        return entry, json.dumps(json.loads(content) | {"backchannel_backup": 2}).encode()

    bad = tampered(filled.folder / "a.tar", later)
    assert "Unsupported backup format: " in filled.refused("restore", bad, "--yes")


def test_restore_leaves_a_changed_picture_under_no_name_that_posts_know(filled: CommandLine) -> None:
    filled("backup", str(filled.folder / "a.tar"))

    def changed(entry: tarfile.TarInfo, content: bytes) -> tuple[tarfile.TarInfo, bytes]:
        return entry, b"another" if entry.name.endswith("s.webp") else content

    bad = tampered(filled.folder / "a.tar", changed)
    filled.environment["BACKCHANNEL_DATA_DIR"] = str(filled.folder / "new")
    filled("restore", bad)
    with closing(sqlite3.connect(filled.folder / "new" / "backchannel.db")) as db:
        [(name,)] = db.execute("SELECT file FROM picture WHERE id = 'p'").fetchall()
    assert BlobStore(filled.folder / "new" / "media").find(name, "s") is None


def test_restore_refuses_a_backup_with_a_header_that_cannot_be_read(filled: CommandLine) -> None:
    """Everything after it would be lost silently."""
    file = filled.folder / "a.tar"
    filled("backup", str(file))
    with tarfile.open(file) as tar:
        headers = {entry.name: entry.offset for entry in tar}
    whole = file.read_bytes()
    for name, offset in headers.items():
        damaged = filled.folder / "damaged.tar"
        damaged.write_bytes(whole[: offset + 148] + b"?" * 8 + whole[offset + 156 :])
        assert "Invalid backup: " in filled.refused("restore", str(damaged), "--yes"), name
    assert query(filled, "SELECT count(*) FROM post") == [(1,)]


def test_restore_refuses_an_entry_that_is_there_twice(filled: CommandLine) -> None:
    file = filled.folder / "a.tar"
    filled("backup", str(file))
    again = filled.folder / "again.tar"
    with tarfile.open(file) as old, tarfile.open(again, "w") as new:
        for entry in [*old.getmembers(), *old.getmembers()[1:]]:
            new.addfile(entry, old.extractfile(entry))
    assert "has an unexpected entry." in filled.refused("restore", str(again), "--yes")


def test_restore_expands_no_sparse_entry_of_a_pax_header(filled: CommandLine) -> None:
    """It has the type of a regular file."""
    file = filled.folder / "a.tar"
    filled("backup", str(file))
    sparse = filled.folder / "sparse.tar"
    with tarfile.open(file) as old, tarfile.open(sparse, "w", format=tarfile.PAX_FORMAT) as new:
        first = old.getmembers()[0]
        new.addfile(first, old.extractfile(first))
        entry = tarfile.TarInfo("backchannel.db")
        entry.size = 512
        names = {"major": "1", "minor": "0", "name": "backchannel.db", "realsize": "30000000"}
        entry.pax_headers = {f"GNU.sparse.{name}": value for name, value in names.items()}
        new.addfile(entry, BytesIO(b"0\n".ljust(512, b"\0")))
    assert "has an unexpected entry." in filled.refused("restore", str(sparse), "--yes")


def test_restore_expands_no_sparse_entry(filled: CommandLine) -> None:
    """A few bytes that stand for a terabyte: GNU tar's format 1.0 for sparse files, in a pax header."""
    file = filled.folder / "a.tar"
    filled("backup", str(file))
    sparse = filled.folder / "sparse.tar"
    with tarfile.open(file) as old, tarfile.open(sparse, "w", format=tarfile.GNU_FORMAT) as new:
        for entry in old.getmembers()[:1]:
            new.addfile(entry, old.extractfile(entry))
        header = tarfile.TarInfo("backchannel.db")
        header.type = tarfile.GNUTYPE_SPARSE
        block = bytearray(header.tobuf(tarfile.GNU_FORMAT))
        block[483:495] = b"%011o\0" % (2**30)
        block[148:156] = b" " * 8
        block[148:156] = b"%06o\0 " % sum(block)
        assert new.fileobj is not None
        new.fileobj.write(bytes(block))
        new.offset += len(block)
    assert "has an unexpected entry." in filled.refused("restore", str(sparse), "--yes")
