"""Expectations are written in modules of their own: pytest shall say of their asserts, too, what was there instead."""

import pytest

pytest.register_assert_rewrite("tests.cases.expecting", "tests.cases.feeds", "tests.cases.statuses")
