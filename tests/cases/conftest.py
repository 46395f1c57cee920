"""Rewritten asserts for the modules of expectations, so that pytest shows the actual values of theirs, too."""

import pytest

pytest.register_assert_rewrite("tests.cases.expecting", "tests.cases.feeds", "tests.cases.statuses")
