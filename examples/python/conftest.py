import pytest

import ordeal


@pytest.fixture
def full_disk(tmp_path):
    """Every write below `tmp_path` fails with ENOSPC while the block lasts: `with full_disk() as armed:`."""
    document = {
        "apiVersion": "chaos-mesh.org/v1alpha1",
        "kind": "IOChaos",
        "metadata": {"name": "full-disk"},
        "spec": {
            "action": "fault",
            "mode": "all",
            "selector": {},
            "volumePath": str(tmp_path),
            "methods": ["write"],
            "errno": 28,
        },
    }
    return lambda: ordeal.faults(document)
