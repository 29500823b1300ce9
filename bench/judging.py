"""How long it takes to judge volumes by rules: facts gathered, every detector run, findings named.

    ANJUAN_HOME=… python bench/judging.py --volumes 2000

Judges the volumes of a home (the practice city's, say), each as often as it takes to come to so many.
"""

import argparse
import itertools
import os
import resource
import time

import django


def main() -> None:
    """Judge and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--volumes", type=int, default=2000)
    wanted = parser.parse_args().volumes
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "anjuan.config.settings.base")
    django.setup()

    from anjuan.core import detection
    from anjuan.facilities.assurance.queries.facts import facts_of
    from anjuan.records.models import Volume

    urns = list(Volume.objects.order_by("id").values_list("urn", flat=True))
    rounds = list(itertools.islice(itertools.cycle([urns]), -(-wanted // len(urns))))
    started, processor = time.perf_counter(), time.process_time()
    volumes = items = findings = 0
    for some in rounds:
        for facts in facts_of(some):
            if volumes == wanted:
                break
            volumes += 1
            items += len(facts.items)
            findings += len(detection.judge(facts))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{volumes} volumes, {items} items, {len(detection.detectors())} detectors: {findings} findings, "
        f"{time.perf_counter() - started:.1f} s clock, {time.process_time() - processor:.1f} s processor, {peak} MiB"
    )


if __name__ == "__main__":
    main()
