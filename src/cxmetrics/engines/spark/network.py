"""Who may talk to Spark: this machine's own processes, and those that know a secret."""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping

from cxmetrics.engines.profile import PROFILES_FILE
from cxmetrics.errors import CxError

LOOPBACK = "127.0.0.1"
MASTER, AUTHENTICATE, SECRET = "spark.master", "spark.authenticate", "spark.authenticate.secret"
# One process, for which Spark makes a secret itself; one with workers on this machine; managers that hand secrets out.
ONE_PROCESS, WORKERS_HERE = re.compile(r"local(\[.*\])?"), re.compile(r"local-cluster\[.*\]")
HAND_OUT = re.compile(r"yarn|k8s://.*")
# Spark's own variables: where it listens unless it is told otherwise, and the secret. Settings are arguments of a
# process, which every user of the machine can read.
LOCAL_ADDRESS, SECRET_VARIABLE = "SPARK_LOCAL_IP", "_SPARK_AUTH_SECRET"
PLACEHOLDER = f"in {SECRET_VARIABLE}"


def closed(settings: Mapping[str, str]) -> dict[str, str]:
    """The settings of a profile with what they leave open: Spark on this machine listens on loopback alone, and
    everything that talks to it proves that it may. Also prepares the environment, for dbt's process and for ours.

    Raises CxError for a cluster that authenticates without a secret, where Spark would wait for ever.
    """
    master = settings.get(MASTER, "local[*]")
    is_here = bool(ONE_PROCESS.fullmatch(master) or WORKERS_HERE.fullmatch(master))
    chosen = {AUTHENTICATE: "true", **settings}
    if is_here:
        os.environ.setdefault(LOCAL_ADDRESS, LOOPBACK)
        chosen = {"spark.driver.host": LOOPBACK, "spark.driver.bindAddress": LOOPBACK, **chosen}
    if chosen[AUTHENTICATE] != "true" or ONE_PROCESS.fullmatch(master) or HAND_OUT.fullmatch(master):
        return chosen
    if WORKERS_HERE.fullmatch(master):
        os.environ.setdefault(SECRET_VARIABLE, secrets.token_hex(32))
    if os.environ.get(SECRET_VARIABLE):
        return {**chosen, SECRET: chosen.get(SECRET) or PLACEHOLDER}
    if not chosen.get(SECRET):
        what = "Spark is to authenticate, and there is no secret that the cluster knows"
        raise CxError(
            what, file=PROFILES_FILE, got=master, next_step=f"export {SECRET_VARIABLE}=..., as on the cluster"
        )
    return chosen
