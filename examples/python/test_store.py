import errno
import os

import pytest


def put(path, value):
    """Replaces a file. If that fails the old file stays, and nothing else."""
    temporary = path.with_suffix(".new")
    try:
        with open(temporary, "w") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
    except OSError:
        temporary.unlink()
        raise


def test_a_full_disk_leaves_the_old_value(tmp_path, full_disk):
    path = tmp_path / "name"
    put(path, "old")
    with full_disk() as armed:
        with pytest.raises(OSError) as failed:
            put(path, "new")
    assert failed.value.errno == errno.ENOSPC
    assert armed.fired["full-disk"] >= 1
    assert armed.io[0]["method"] == "write"
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
