"""A kernel that dies at once gets a second try, and only one."""

import pytest

from tests.second_try import at_a_second_try


@pytest.mark.parametrize("deaths", [0, 1, 2])
def test_a_kernel_has_two_tries(deaths):
    tries = []

    def start(name, cwd):
        tries.append((name, cwd))
        if len(tries) <= deaths:
            raise RuntimeError("Kernel died before replying to kernel_info")
        return "kernel"

    if deaths < 2:
        assert at_a_second_try(start)("python3", cwd="notebooks") == "kernel"
    else:
        with pytest.raises(RuntimeError, match="Kernel died"):
            at_a_second_try(start)("python3", cwd="notebooks")
    assert tries == [("python3", "notebooks")] * min(deaths + 1, 2)
