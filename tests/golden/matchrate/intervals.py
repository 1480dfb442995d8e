# Makes intervals.csv with SciPy, whose beta quantiles (Cephes) and Wilson interval share nothing with
# the library under test. Debian 12's python3-scipy 1.10.1, 2026-11-23:
#   python3 tests/golden/matchrate/intervals.py > tests/golden/matchrate/intervals.csv
from scipy import special
from scipy.stats import binomtest

COUNTS = [(0, 1), (1, 1), (0, 5), (1, 5), (5, 5), (6, 10), (0, 30), (1, 30), (29, 30), (30, 30),
          (7, 100), (612, 1000), (1, 1000), (999, 1000), (0, 250000), (31234, 250000),
          (249999, 250000), (600000, 1000000)]

print("x,n,level,wilson_lower,wilson_upper,jeffreys_lower,jeffreys_upper")
for x, n in COUNTS:
    for level in (0.8, 0.95, 0.99):
        wilson = binomtest(x, n).proportion_ci(confidence_level=level, method="wilson")
        tail = (1 - level) / 2
        lower = 0.0 if x == 0 else special.btdtri(x + 0.5, n - x + 0.5, tail)
        upper = 1.0 if x == n else special.btdtri(x + 0.5, n - x + 0.5, 1 - tail)
        print(f"{x},{n},{level},{wilson.low:.12g},{wilson.high:.12g},{lower:.12g},{upper:.12g}")
