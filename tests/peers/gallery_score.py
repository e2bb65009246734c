"""The gallery searched beside FAISS on the same templates: recall of the ten best, and the time of a search."""

import argparse
import pathlib
import statistics
import subprocess
import time

import numpy

NUMBERS = 128
BEST = 10


def unit(rows):
    return rows / numpy.linalg.norm(rows, axis=1, keepdims=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bench", required=True)
    parser.add_argument("--work", required=True, type=pathlib.Path)
    parser.add_argument("--count", required=True, type=int)
    parser.add_argument("--queries", required=True, type=int)
    given = parser.parse_args()

    chance = numpy.random.default_rng(20265)
    gallery = unit(chance.standard_normal((given.count, NUMBERS), dtype=numpy.float32))
    known = chance.integers(given.count, size=given.queries)
    queries = unit(gallery[known] + 0.08 * chance.standard_normal((given.queries, NUMBERS), dtype=numpy.float32))
    gallery.tofile(given.work / "gallery.f32")
    queries.astype(numpy.float32).tofile(given.work / "queries.f32")

    exact = numpy.empty((given.queries, BEST), dtype=numpy.int64)
    for at, query in enumerate(queries):
        scores = gallery @ query
        best = numpy.argpartition(-scores, BEST)[:BEST]
        exact[at] = best[numpy.argsort(-scores[best])]

    def recall(found):
        hits = sum(len(set(a) & set(b)) for a, b in zip(found.tolist(), exact.tolist()))
        return hits / exact.size

    line = subprocess.run([given.bench, given.work, str(given.count), str(given.queries)],
                          stdout=subprocess.PIPE, text=True, check=True).stdout.split()
    ours = [float(value) for value in line]
    found = numpy.fromfile(given.work / "ours.u32", dtype="<u4").reshape(given.queries, BEST)
    print(f"faces gallery of {given.count}, ten best, CPU ms, least {ours[0]:.1f}, median {ours[1]:.1f}; "
          f"recall of the exact ten {recall(found):.4f}")
    try:
        import faiss
    except ImportError:
        print("faces gallery: FAISS is absent, nothing to compare with")
        return
    faiss.omp_set_num_threads(1)
    peers = (("flat fp32", faiss.IndexFlatIP(NUMBERS)),
             ("SQ8", faiss.IndexScalarQuantizer(NUMBERS, faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT)))
    for name, index in peers:
        index.train(gallery)
        index.add(gallery)
        times, found = [], []
        for query in queries:
            before = time.thread_time()
            found.append(index.search(query[None], BEST)[1][0])
            times.append((time.thread_time() - before) * 1e3)
        least, median = min(times), statistics.median(times)
        print(f"faces gallery of {given.count}, FAISS {faiss.__version__} {name}: CPU ms, least {least:.1f}, "
              f"median {median:.1f}; recall {recall(numpy.array(found)):.4f}; ratio {ours[1] / median:.2f}")
        index.reset()


main()
