"""`audit`: what the commands have left in the audit trail."""

from __future__ import annotations

import getpass
from typing import Any

ME = {"kind": "cli", "name": getpass.getuser()}


def test_audit_lists_who_has_changed_what_newest_first(cli: Any) -> None:
    cli.play({"text": "Fish at the quay"})
    [key] = cli("posts", "--keys").split()
    cli("hide", key, "--reason", "spam")
    cli("wall", "mode", "rehearsal", "approve")
    cli("unfollow", "1")
    rows = cli.json("audit", "--wall", "rehearsal")
    assert [(row["action"], row["subject"]["kind"]) for row in rows] == [
        ("unfollow", "source"),
        ("change", "wall"),
        ("hide", "post"),
        ("follow", "source"),
        ("create", "wall"),
    ]
    assert {name: value for name, value in rows[2].items() if name not in {"at", "entry"}} == {
        "part_of": None,
        "wall": "rehearsal",
        "actor": ME,
        "address": "",
        "action": "hide",
        "subject": {"kind": "post", "id": key},
        "before": "live",
        "after": "hidden",
        "reason": "spam",
    }
    assert all(row["actor"] == ME for row in rows)


def test_audit_is_a_table_for_people_and_bounded(cli: Any) -> None:
    cli("wall", "create", "hall", "--name", "The hall")
    cli("wall", "create", "quay", "--name", "The quay")
    heading, row = cli("audit", "--limit", "1").splitlines()
    assert heading.split() == [
        "entry",
        "at",
        "(UTC)",
        "wall",
        "who",
        "from",
        "action",
        "subject",
        "before",
        "after",
        "reason",
    ]
    assert row.split()[3:9] == ["quay", "cli", ME["name"], "create", "wall", "quay"]
    assert "10000" in cli.run("audit", "--limit", "10001", code=2).stderr


def test_audit_says_what_changed_in_words(cli: Any) -> None:
    cli("wall", "create", "hall", "--name", "The hall")
    cli("wall", "set", "hall", "--unlisted")
    assert "listed: yes" in cli("audit", "--limit", "1")
    assert "listed: no" in cli("audit", "--limit", "1")
    assert not {"null", "true", "false"} & set(cli("audit").replace(",", " ").split())


def test_audit_of_one_wall_tells_nothing_of_another(cli: Any) -> None:
    for slug in ("hall", "quay"):
        cli("wall", "create", slug, "--name", slug)
    cli("wall", "remove", "quay", "--yes")
    assert [row["subject"]["id"] for row in cli.json("audit", "--wall", "hall")] == ["hall"]
    assert [(row["wall"], row["action"]) for row in cli.json("audit")] == [(None, "remove"), ("hall", "create")]
    assert cli.refused("audit", "--wall", "quay") == "There is no wall “quay” (known: hall)."


def test_backup_and_restore_are_told(cli: Any) -> None:
    cli("wall", "create", "hall", "--name", "The hall")
    file = str(cli.folder / "wall.tar")
    cli("backup", file)
    rows = cli.json("audit")
    assert [row["action"] for row in rows] == ["backup", "create"]
    assert rows[0]["after"] == "wall.tar"
    cli("wall", "remove", "hall", "--yes")
    cli("restore", file, "--yes")
    rows = cli.json("audit")
    assert [(row["action"], row["actor"]) for row in rows] == [("restore", ME), ("create", ME)]


def test_changed_settings_are_words_in_the_table_and_objects_in_json(cli: Any) -> None:
    cli("wall", "create", "hall", "--name", "The hall")
    cli("wall", "set", "hall", "--name", "The big hall", "--mode", "approve")
    [changed, _] = cli.json("audit")
    assert (changed["before"], changed["after"]) == (
        {"name": "The hall", "mode": "open"},
        {"name": "The big hall", "mode": "approve"},
    )
    assert "name: The big hall, mode: approve" in cli("audit")
