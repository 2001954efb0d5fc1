"""Set-up from beginning to end: system packages, environment, libraries, kernels; each step once.

Rule: a step whose digest is on the stamp is skipped, so the second start only compares digests.
"""

import sys
from pathlib import Path

from installer import environment as environments
from installer import kernels, system_packages
from installer.environment import Environment
from installer.locks import LockSet, digest, lock_file
from installer.machine import Machine
from installer.messages import Reporter
from installer.stamp import Stamp


def set_up(project: Path, machine: Machine, lock_set: LockSet) -> Environment:
    """Makes the environment ready for the set, or raises `SetupFault`. Silent where nothing is to be done."""
    environment = Environment(project)
    stamp = Stamp(environment.folder / "tradepit-setup.json")
    libraries = f"{digest(lock_file(sys.version_info.minor, lock_set))} {project}"
    sources = kernels.digest(project, machine)
    usable = environment.is_usable()
    has_libraries = usable and stamp.holds(lock_set.value, libraries)
    if has_libraries and stamp.holds("kernels", sources) and stamp.folder_is_there("kernel folder"):
        return environment
    reporter = Reporter(steps=4)
    reporter.step("system libraries and fonts")
    system_packages.ensure(machine, reporter, with_screen=lock_set is LockSet.TEST)
    reporter.step(f"environment {environment.folder} with Python 3.{sys.version_info.minor}")
    if not usable:
        environments.check_space(machine, project, lock_set)
        environments.create(environment)
    reporter.step("libraries, each checked against its locked hash")
    if not has_libraries:
        if usable:
            environments.check_space(machine, project, lock_set)
        environments.install_libraries(environment, machine, reporter, lock_set)
        environments.add_project(environment)
        if lock_set is LockSet.TEST:
            stamp.write(LockSet.RUN.value, f"{digest(lock_file(sys.version_info.minor, LockSet.RUN))} {project}")
        stamp.write(lock_set.value, libraries)
    reporter.step("compiled kernels")
    kernels.warm_up(environment, machine, reporter)
    stamp.write("kernel folder", str(kernels.folder(environment, machine)))
    stamp.write("kernels", sources)
    return environment
