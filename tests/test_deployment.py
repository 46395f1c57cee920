"""docs/deployment.md and docker-compose.yml must name the existing settings."""

import re
from pathlib import Path

from aggregator.settings import Settings, variable

ROOT = Path(__file__).parents[1]
SETTINGS = {variable(field) for field in Settings.model_fields}
OF_THE_IMAGE = {variable(field) for field in ("data_dir", "host", "port", "log_format")}
"""Settings fixed by the Dockerfile, which can't be changed by a variable alone."""


def test_compose_passes_on_every_setting_but_those_of_the_image() -> None:
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    passed = re.findall(r"^ +(BACKCHANNEL_\w+): \$\{\1:-\}$", compose, re.MULTILINE)
    assert sorted(passed) == sorted(SETTINGS - OF_THE_IMAGE)


def test_image_sets_what_compose_does_not_pass_on() -> None:
    image = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    port = {variable("port")} if re.search(r'"serve", "--port", "\d+"', image) else set()
    assert set(re.findall(r"\b(BACKCHANNEL_\w+)=", image)) | port == OF_THE_IMAGE


def test_deployment_names_no_setting_that_there_is_not() -> None:
    page = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
    assert set(re.findall(r"BACKCHANNEL_[A-Z_]+", page)) <= SETTINGS
