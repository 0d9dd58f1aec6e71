"""How much memory this process uses."""

from __future__ import annotations

import sys
from pathlib import Path

import torch


def memory() -> int:
    """Units: bytes of this process in memory now; its peak where the system only tells that; 0 else."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        import resource

        return int(statm.read_text().split()[1]) * resource.getpagesize()
    if sys.platform == "darwin":
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return 0


def device_memory(device: str) -> int:
    """Units: bytes that torch holds on the device; 0 on the CPU, where they are the process's."""
    if device.startswith("cuda"):
        return torch.cuda.memory_allocated(device)
    return torch.mps.current_allocated_memory() if device == "mps" else 0
