"""Has auditwheel judge wheels by the platforms in their names, whatever C library this machine has."""

import sys
from pathlib import Path

from auditwheel.libc import Libc
from auditwheel.wheel_abi import analyze_wheel_abi
from auditwheel.wheeltools import (
    get_wheel_architecture,
    get_wheel_libc,
    get_wheel_platforms,
)

# What zig links asks for musl as `libc.so`, the name that musl gives itself; Alpine calls it `libc.musl-x86_64.so.1`, which is the
# only name that auditwheel knows: it looks for the other one on this machine, and fails at what glibc has of that name, a text for
# linkers. musl's loader takes every name that begins with `libc.` for itself.
NAMES_OF_MUSL = frozenset({"libc.so"})

for wheel in map(Path, sys.argv[1:]):
    libc = get_wheel_libc(wheel.name)
    found = analyze_wheel_abi(
        libc,
        get_wheel_architecture(wheel.name),
        wheel,
        NAMES_OF_MUSL if libc == Libc.MUSL else frozenset(),
        disable_isa_ext_check=False,
        allow_graft=False,
        # No library of this machine is looked at.
        args_ldpaths="",
    )
    for platform in get_wheel_platforms(wheel.name):
        if found.overall_policy < found.policies.get_policy_by_name(platform):
            sys.exit(
                f"{wheel.name} is {found.overall_policy.name} by its libraries,"
                f" {found.external_refs[platform].libs}, and symbols, {found.versioned_symbols}"
            )
    print(f"{wheel.name}: {found.overall_policy.name}")
