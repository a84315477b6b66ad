"""Faults around a block of a test: `with faults(document) as armed: ...`. Needs `ordeal` on the PATH, and root."""

import contextlib
import json
import os
import signal
import subprocess


class FaultsError(Exception):
    """The faults could not be armed, or ended before they were lifted."""


class ArmedFaults:
    """What happened so far; whole after the block."""

    def __init__(self):
        self.fired = {}
        self.io = []

    def hear(self, event):
        if event["type"] in ("counters", "lifted"):
            self.fired[event["experiment"]] = event["counters"]["fired"]
        elif event["type"] == "io-fault":
            self.io.append(event)
        elif event["type"] == "error":
            raise FaultsError(f"{event['message']} [{event['code']}]. {event['next']}")
        elif event["type"] == "problems":
            errors = [each for each in event["problems"] if each["severity"] == "error"]
            if errors:
                raise FaultsError("\n".join(each["message"] for each in errors))


@contextlib.contextmanager
def faults(*documents, pid=None):
    """Arms experiments, given as dicts, for a process and its children: this one, unless `pid` says otherwise."""
    words = ["ordeal", "run", "--json", "--events", "--pid", str(pid or os.getpid()), "-"]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        armed = ArmedFaults()
        try:
            # JSON is YAML.
            run.stdin.write("\n---\n".join(json.dumps(each) for each in documents))
            run.stdin.close()
            for line in run.stdout:
                event = json.loads(line)
                armed.hear(event)
                if event["type"] == "run-started":
                    break
            else:
                raise FaultsError("ordeal has ended and gave no reason")
            yield armed
        finally:
            run.send_signal(signal.SIGINT)
            for line in run.stdout:
                armed.hear(json.loads(line))
