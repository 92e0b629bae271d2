"""What the benchmarks run on: the processor, and how Python was built."""

import compileall
import os
import platform
import subprocess
import sysconfig
from pathlib import Path

ROOT = Path(__file__).parents[2]


def machine() -> str:
    """Names the processor, the system, the builds of Python and Node."""
    model = platform.processor() or platform.machine()
    cpu_info = Path("/proc/cpuinfo")
    if cpu_info.exists():
        names = [line.split(":", 1)[1].strip() for line in cpu_info.read_text().splitlines() if "model name" in line]
        model = names[0] if names else model
    try:
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    except FileNotFoundError:
        node = "(not installed)"
    options = sysconfig.get_config_var("CONFIG_ARGS")
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release()}; "
        f"{platform.python_implementation()} {platform.python_version()} ({python_build(options)}), Node {node}"
    )


def python_build(options: str | None) -> str:
    """Says whether an interpreter was optimised; one that was not is a fifth slower.

    Args:
        options: What its `configure` was called with; None if that is not known, as on Windows.
    """
    if options is None:
        return "build options unknown"
    with_profile = "with" if "--enable-optimizations" in options else "without"
    with_link = "with" if "--with-lto" in options else "without"
    return f"{with_profile} profile-guided optimisation, {with_link} link-time optimisation"


def compile_code() -> None:
    """Compiles the project's modules, so that no measured process has to."""
    for name in ("destination", "actions", "presets", "tests/benchmarks"):
        compileall.compile_dir(ROOT / name, quiet=2)
