"""Debian's source packages, fetched without touching the system's apt configuration.

`unpacked("zlib")` gives the folder of the pristine upstream source in the user's cache.  apt-get gets
its own sources.list and its own lists and cache folders by -o options.
"""

from __future__ import annotations

import os
import pathlib
import shutil
import subprocess

from suites import common

# Source package: the version that the suites are written for.
PACKAGES: dict[str, str] = {"sqlite3": "3.40.1", "lua5.4": "5.4.4", "zlib": "1.2.13"}
SOURCES_LIST = "deb-src http://deb.debian.org/debian bookworm main\n"


def _apt(directory: pathlib.Path, *arguments: str) -> None:
    for name in ("lists/partial", "archives/partial"):
        (directory / name).mkdir(parents=True, exist_ok=True)
    (directory / "sources.list").write_text(SOURCES_LIST)
    options = {
        "Dir::Etc::sourcelist": str(directory / "sources.list"),
        "Dir::Etc::sourceparts": "-",
        "Dir::State::lists": str(directory / "lists"),
        "Dir::Cache": str(directory),
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
        "APT::Sandbox::User": "root" if os.geteuid() == 0 else "",
    }
    command = ["apt-get", "-qq"]
    for name, value in options.items():
        command += ["-o", f"{name}={value}"]
    result = subprocess.run([*command, *arguments], cwd=directory, capture_output=True, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"apt-get {' '.join(arguments)} failed: {result.stderr.strip()}")


def unpacked(package: str) -> pathlib.Path:
    """The upstream source tree of a Debian source package, downloaded and extracted once."""
    version = PACKAGES[package]
    directory = common.cache_directory("sources")
    target = directory / "tree" / package
    if (target / ".complete").exists():
        return target
    archives = sorted(directory.glob(f"{package}_{version}*.orig.tar.*"))
    if not archives:
        print(f"fetching the source package {package} from Debian", flush=True)
        _apt(directory, "update")
        _apt(directory, "source", "--download-only", package)
        archives = sorted(directory.glob(f"{package}_{version}*.orig.tar.*"))
    if not archives:
        raise RuntimeError(f"Debian's {package} is not version {version}")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    subprocess.run(["tar", "-xf", archives[0], "-C", target, "--strip-components=1"], check=True)
    (target / ".complete").touch()
    return target


def copy(package: str, target: pathlib.Path) -> pathlib.Path:
    """A fresh copy of a source tree to build in."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(unpacked(package), target, symlinks=True)
    return target


def sqlite_amalgamation() -> pathlib.Path:
    """SQLite's amalgamation sqlite3.c (with sqlite3.h beside it), made by its own build system."""
    directory = common.cache_directory("sqlite-amalgamation")
    result = directory / "sqlite3.c"
    if not result.exists():
        if shutil.which("tclsh") is None:
            raise RuntimeError("SQLite's amalgamation needs tclsh (Debian: apt-get install tcl)")
        compiler = "gcc" if shutil.which("gcc") else "ourocc"
        for command in ([str(unpacked("sqlite3") / "configure"), "--disable-tcl", "--disable-readline",
                         f"CC={compiler}", f"BUILD_CC={compiler}"], ["make", "sqlite3.c"]):
            done = subprocess.run(command, cwd=directory, capture_output=True, text=True, env=common.environment())
            if done.returncode != 0:
                raise RuntimeError(f"{' '.join(command)}: {done.stderr[-500:]}")
    return result
