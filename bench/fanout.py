"""Fan-out: the server's cost of one delivered record, beside a baseline FastAPI loop and a bare loop of socket.send.

Three servers run in turn, round after round, in separate processes; 1,000 readers sit in a fourth. Each figure is
the server's processor time (user and system) for delivery, divided by the number of delivered records.
`python -m bench.fanout --help` has the sizes.
"""

from __future__ import annotations

import argparse
import multiprocessing as mp
import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any

from bench._crowd import Crowd
from bench._load import Load
from bench._servers import SETTLE, bare, baseline, ours, stored


@dataclass
class Figure:
    """One round: processor time for each delivered record (µs), latency (ms), memory gained by the server (kB)."""

    micros: float
    median: float
    p99: float
    kb: int
    lost: int


def measure(
    server: Callable[[Connection, Load], None], load: Load, readers: int, *, stalled: int = 0, deflate: bool = False
) -> Figure:
    here, there = mp.Pipe()
    process = mp.get_context("spawn").Process(target=server, args=(there, load), daemon=True)
    process.start()
    port, path = here.recv()
    crowd = Crowd(port, path, readers, stalled=stalled, deflate=deflate)
    time.sleep(SETTLE)
    here.send(True)
    expected = load.records * readers
    crowd.read(expected, time.monotonic() + load.records / load.rate + 30)
    seconds, kb = here.recv()
    here.send(False)
    process.join(10)
    process.kill()
    crowd.close()
    delays = sorted(crowd.delays) or [0.0]
    return Figure(
        seconds * 1e6 / max(crowd.records, 1),
        statistics.median(delays),
        delays[int(len(delays) * 0.99) - 1],
        kb,
        expected - crowd.records,
    )


def runs(stalled: int) -> dict[str, dict[str, Any]]:
    """The runs, by name. Runs that are compared stand together: a machine's speed varies."""
    return {
        "bare send": {"server": bare},
        "ours": {"server": ours},
        "baseline loop": {"server": baseline},
        "ours, deflate asked": {"server": ours, "deflate": True},
        "baseline, deflate": {"server": baseline, "deflate": True},
        "ours with store": {"server": stored},
        "ours, none stalled": {"server": ours},
        "ours, stalled": {"server": ours, "stalled": stalled},
    }


def tell_figures(rounds: dict[str, list[Figure]]) -> None:
    print(f"{'server':<20}{'µs a record':>12}{'median ms':>12}{'p99 ms':>10}{'gained kB':>11}{'lost':>6}")
    for name, figures in rounds.items():
        middle = [statistics.median(getattr(f, field) for f in figures) for field in ("micros", "median", "p99", "kb")]
        lost = sum(figure.lost for figure in figures)
        print(f"{name:<20}{middle[0]:>12.1f}{middle[1]:>12.1f}{middle[2]:>10.1f}{middle[3]:>11.0f}{lost:>6}")


def tell_ratios(rounds: dict[str, list[Figure]]) -> None:
    def ratio(left: str, right: str, field: str) -> float:
        pairs = zip(rounds[left], rounds[right], strict=True)
        ratios: list[float] = [getattr(a, field) / getattr(b, field) for a, b in pairs]
        return statistics.median(ratios)

    print(f"ours / baseline loop: {ratio('ours', 'baseline loop', 'micros'):.2f}   (at most 0.55)")
    print(
        f"ours / baseline loop, compression requested of both, as by browsers: "
        f"{ratio('ours, deflate asked', 'baseline, deflate', 'micros'):.2f}   (at most 0.55)"
    )
    print(f"ours / bare send:  {ratio('ours', 'bare send', 'micros'):.2f}   (at most 1.5)")
    stalled = ratio("ours, stalled", "ours, none stalled", "p99")
    print(f"p99 with a stalled reader / without: {stalled:.2f}   (at most 1.2)")


def main(options: argparse.Namespace) -> None:
    load = Load(options.records, options.rate, options.size)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, options.readers * 2 + 500)), hard))

    print(f"{options.readers} readers, {load.rate:g} records/s of about {load.size} bytes, {options.rounds} rounds")
    rounds: dict[str, list[Figure]] = {name: [] for name in runs(options.stalled)}
    for _ in range(options.rounds):
        for name, setting in runs(options.stalled).items():
            rounds[name].append(measure(load=load, readers=options.readers, **setting))
    tell_figures(rounds)
    tell_ratios(rounds)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--rate", type=float, default=10)
    parser.add_argument("--records", type=int, default=80)
    parser.add_argument("--size", type=int, default=900)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--stalled", type=int, default=1, help="readers that never read, in the second part")
    return parser.parse_args()


if __name__ == "__main__":
    main(arguments())
