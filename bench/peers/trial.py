"""What trials in Python share: the same way of measuring as bench/timing.ts and bench/others.ts, and the result's last line."""
import ctypes
import json
import math
import os
import platform
import sys
from time import perf_counter, perf_counter_ns, process_time


def plan_steps(count, batch, rows):
    """As planSteps in bench/timing.ts."""
    steps_per_epoch = rows // batch
    if count < steps_per_epoch:
        return count * batch, 1, count
    epochs = math.ceil(count / steps_per_epoch)
    return steps_per_epoch * batch, epochs, epochs * steps_per_epoch


def measure_run(run, seconds):
    """As measureRun in bench/timing.ts: warm up with growing counts, then one uninterrupted run of at least `seconds`."""

    def timed(count):
        start = perf_counter()
        done = run(count)
        return done, max(perf_counter() - start, 1e-9)

    count, elapsed = timed(1)
    warm = elapsed >= seconds
    while True:
        target = 1.1 * seconds if warm else seconds / 4
        count, elapsed = timed(max(1, math.ceil(count * target / elapsed)))
        if warm and elapsed >= seconds:
            return count, elapsed
        warm = warm or elapsed >= seconds / 8


def watch_others():
    """As watchOthers in bench/others.ts: processors that work for other processes, on average since now; None where unknown."""

    def busy():
        with open("/proc/stat") as file:
            user, nice, system, _, _, irq, softirq = map(int, file.readline().split()[1:8])
        return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")

    try:
        busy_before, own, start = busy(), process_time(), perf_counter()
        return lambda: max(0, (busy() - busy_before - (process_time() - own)) / (perf_counter() - start))
    except OSError:
        return lambda: None


def measure_training(request, run, loss):
    """Milliseconds a step; `run(rows, epochs)` trains, `loss()` is that of the first batch."""
    case = request["case"]

    def run_count(count):
        rows, epochs, steps = plan_steps(count, case["batch"], case["rows"])
        run(rows, epochs)
        return steps

    before, others = loss(), watch_others()
    count, elapsed = measure_run(run_count, request["seconds"])
    return {"value": elapsed * 1000 / count, "count": count, "seconds": elapsed, "others": others(), "lossBefore": before, "lossAfter": loss()}


def measure_calls(call, batches, seconds):
    """As measureCalls in bench/timing.ts: the median call over the batches in turn."""
    length, index, times, total, others = len(batches), 0, [], 0, watch_others()
    warm_end = perf_counter() + seconds / 4
    while index == 0 or perf_counter() < warm_end:
        call(batches[index % length])
        index += 1
    limit = seconds * 1e9
    while total < limit:
        inputs = batches[index % length]
        start = perf_counter_ns()
        call(inputs)
        time = perf_counter_ns() - start
        times.append(time)
        total += time
        index += 1
    disturbance = others()
    times.sort()
    at = lambda share: times[max(0, math.ceil(share * len(times)) - 1)] / 1000
    return {"value": at(0.5), "p99": at(0.99), "count": len(times), "seconds": total / 1e9, "others": disturbance}


def blas_version():
    """What OpenBLAS says of itself: the name is looked up in what is loaded already, the preloaded library where there is one."""
    try:
        blas = ctypes.CDLL("libopenblas.so.0")
        blas.openblas_get_config.restype = blas.openblas_get_corename.restype = ctypes.c_char_p
        kind = {0: "serial", 1: "pthread", 2: "OpenMP"}[blas.openblas_get_parallel()]
        return f"{blas.openblas_get_config().decode().strip()} {kind} {blas.openblas_get_corename().decode()}"
    except (OSError, AttributeError, KeyError):
        return None


def read_request():
    return json.loads(sys.argv[1])


def print_result(result, versions):
    known = {name: value for name, value in result.items() if value is not None}
    found = {name: version for name, version in {**versions, "python": platform.python_version()}.items() if version is not None}
    print(json.dumps({**known, "versions": found}))
