#!/usr/bin/env python3
"""Compares proven optima with those of an integer program that shares nothing with Tessera's search.

The program is written from DESIGN section 4 and docs/counting.md alone. It knows no normal forms, skeletons or
dimension groups: a mapping is a word. Each place of the word is one prime factor of one dimension (or empty), the word
is as long as all dimensions have prime factors, and each hold stands anywhere in it. So every order of loops and holds
and every perfect factorization is a word. Spatial loops are exponents of primes on an axis. What a loop does to a hold
is read off the word from the hold outward by a small automaton: free (stationary), sweep, or outside. Counts are then
products of powers of primes, or, for a sliding window, table entries; OR-tools' CP-SAT minimises their sums and proves
the minimum.

Machine: DRAM, GLB, fanout X times Y, RF, MAC; every memory holds every tensor; multicast of words, reduction; all
energies whole pJ. Problems: products, and convolutions of one sliding rank of stride 1 with no spatial loop on the
window's dimensions (a constraint that Tessera is given too).

Usage: integer_program.py TESSERA [NAME...]   some cases, those whose name contains NAME, or `all` (minutes); exit
code 77 where OR-tools is missing
"""

import json
import subprocess
import sys
import tempfile
import time

try:
    from ortools.sat.python import cp_model
except ImportError:
    print("skipped: the Python package ortools is not installed. In a virtual environment:\n"
          "  python3 -m venv ENV && ENV/bin/pip install ortools\n"
          "  ENV/bin/python tests/search/integer_program.py build/tessera [all]\n"
          "or, for ctest: cmake -S . -B build -DTESSERA_ORTOOLS_PYTHON=ENV/bin/python")
    sys.exit(77)

DRAM_PJ, GLB_PJ, RF_PJ, MAC_PJ = 200, 6, 1, 1
INSIDE, FREE, OUTSIDE, SWEEP = 0, 1, 2, 3  # SWEEP + i: the sweep runs over the i-th dimension


class Tensor:
    """A tensor by what it depends on: `plain` dimensions, alone in a rank, and at most one `window` (P, R)."""

    def __init__(self, name, plain, window=(), output=False):
        self.name, self.plain, self.window, self.output = name, plain, window, output

    def depends(self):
        return set(self.plain) | set(self.window)


class Case:
    def __init__(self, name, bounds, tensors, operation, glb, rf, axes, dram_rate=16, glb_rate=64, spread=None):
        self.name, self.bounds, self.tensors, self.operation = name, bounds, tensors, operation
        self.glb, self.rf, self.axes, self.dram_rate, self.glb_rate = glb, rf, axes, dram_rate, glb_rate
        self.spread = spread or list(bounds)

    def yaml(self):
        dimensions = ", ".join(f"{d}: {n}" for d, n in self.bounds.items())
        axes = "[" + ", ".join(self.spread) + "]"
        return f"""
problem: {{name: {self.name}, dimensions: {{{dimensions}}}, operation: "{self.operation}", bits: 8}}
architecture:
  clock: 1 GHz
  hierarchy:
    - {{memory: DRAM, energy: {DRAM_PJ} pJ/word, bandwidth: {self.dram_rate} words/cycle}}
    - {{memory: GLB, capacity: {self.glb} words, energy: {GLB_PJ} pJ/word, bandwidth: {self.glb_rate} words/cycle, keep: all}}
    - {{fanout: PEs, axes: {{X: {self.axes[0]}, Y: {self.axes[1]}}}}}
    - {{memory: RF, capacity: {self.rf} words, energy: {RF_PJ} pJ/word, keep: all}}
    - {{compute: MAC, energy: {MAC_PJ} pJ/operation}}
constraints:
  PEs: {{X: {axes}, Y: {axes}}}
"""


def gemm(m, n, k, glb, rf, side, **rates):
    tensors = [Tensor("A", "MK"), Tensor("B", "KN"), Tensor("C", "MN", output=True)]
    return Case(f"gemm-{m}x{n}x{k}-{glb}-{rf}-{side}", {"M": m, "N": n, "K": k}, tensors,
                "C[M,N] += A[M,K] * B[K,N]", glb, rf, (side, side), **rates)


def convolution(k, c, p, r, glb, rf, side, **rates):
    tensors = [Tensor("I", "C", window=("P", "R")), Tensor("W", "KCR"), Tensor("O", "KP", output=True)]
    return Case(f"conv-{k}x{c}x{p}x{r}-{glb}-{rf}-{side}", {"K": k, "C": c, "P": p, "R": r}, tensors,
                "O[K,P] += I[C,P+R] * W[K,C,R]", glb, rf, (side, side), spread=["K", "C"], **rates)


def factorize(n):
    primes = {}
    p = 2
    while n > 1:
        while n % p == 0:
            primes[p] = primes.get(p, 0) + 1
            n //= p
        p += 1
    return primes


class Program:
    """The integer program of one case."""

    def __init__(self, case):
        self.case = case
        self.model = cp_model.CpModel()
        self.dims = list(case.bounds)
        self.exponents = {d: factorize(n) for d, n in case.bounds.items()}
        self.primes = sorted({p for e in self.exponents.values() for p in e})
        self.operations = 1
        for n in case.bounds.values():
            self.operations *= n
        self.word()
        self.axes()
        self.holds()
        self.counts()

    # -- the mapping ----------------------------------------------------------------------------------------------
    def word(self):
        """Letter 0 is empty; letter 1 + i is `letters[i]`, a prime factor of a dimension."""
        self.letters = [(d, p) for d in self.dims for p in self.exponents[d]]
        self.length = sum(sum(e.values()) for e in self.exponents.values())
        self.place = []
        self.is_letter = []
        for i in range(self.length):
            place = self.model.new_int_var(0, len(self.letters), f"place{i}")
            flags = [self.model.new_bool_var(f"place{i}is{v}") for v in range(len(self.letters) + 1)]
            self.model.add_exactly_one(flags)
            self.model.add(place == sum(v * flag for v, flag in enumerate(flags)))
            self.place.append(place)
            self.is_letter.append(flags)
            if i > 0:  # empty places stand outermost: they say nothing anywhere
                self.model.add_implication(flags[0], self.is_letter[i - 1][0])

    def axes(self):
        """Exponents of each prime of each dimension on either axis; with the word they make up the dimension."""
        self.spatial = {}
        for axis, size in enumerate(self.case.axes):
            for d, p in self.letters:
                most = self.exponents[d][p] if d in self.case.spread else 0
                self.spatial[axis, d, p] = self.model.new_int_var(0, most, f"axis{axis}{d}{p}")
            exponents = {p: sum(self.spatial[axis, d, q] for d, q in self.letters if q == p) for p in self.primes}
            self.model.add(self.power(exponents, f"axis{axis}") <= size)
        for v, (d, p) in enumerate(self.letters):
            temporal = sum(flags[v + 1] for flags in self.is_letter)
            spread = self.spatial[0, d, p] + self.spatial[1, d, p]
            self.model.add(temporal + spread == self.exponents[d][p])

    def holds(self):
        """Where each tensor is taken into GLB and RF: number of places outside the hold."""
        self.before = {}  # (tensor, memory): by place, whether it stands outside the hold
        for t in self.case.tensors:
            for memory in ("GLB", "RF"):
                flags = [self.model.new_bool_var(f"{t.name}{memory}{i}") for i in range(self.length)]
                for i in range(1, self.length):
                    self.model.add_implication(flags[i], flags[i - 1])
                self.before[t.name, memory] = flags
            for outer, inner in zip(self.before[t.name, "GLB"], self.before[t.name, "RF"]):
                self.model.add_implication(outer, inner)

    # -- what follows from it -------------------------------------------------------------------------------------
    def power(self, exponents, name):
        """The product of powers of primes, as a table entry. `exponents` gives linear expressions by prime."""
        most = {p: sum(e.get(p, 0) for e in self.exponents.values()) for p in self.primes}
        table = [1]
        index = 0
        for p in self.primes:
            index = index * (most[p] + 1) + exponents.get(p, 0)
            table = [v * p**e for v in table for e in range(most[p] + 1)]
        # Exponents stay within `most`, since each prime factor stands in one place only.
        where = self.model.new_int_var(0, len(table) - 1, name + "_index")
        self.model.add(where == index)
        value = self.model.new_int_var(1, max(table), name)
        self.model.add_element(where, table, value)
        return value

    def states(self, t, memory):
        """From the hold outward: free, sweep or outside, place by place (docs/counting.md, what enters and leaves)."""
        sweeps = sorted(t.depends())
        before = self.before[t.name, memory]
        rows = [[] for _ in range(2)]
        every = [INSIDE, FREE, OUTSIDE] + [SWEEP + i for i in range(len(sweeps))]
        for inner in every:
            for letter in range(len(self.letters) + 1):
                rows[0].append((inner, letter, INSIDE))
                d = self.letters[letter - 1][0] if letter else None
                if inner in (INSIDE, FREE):
                    state = SWEEP + sweeps.index(d) if d in sweeps else FREE
                elif inner == OUTSIDE or letter == 0:
                    state = inner
                else:
                    state = inner if d == sweeps[inner - SWEEP] else OUTSIDE
                rows[1].append((inner, letter, state))
        states = []
        last = None
        for i in reversed(range(self.length)):
            state = self.model.new_int_var(0, max(every), f"state{t.name}{memory}{i}")
            inner = last if last is not None else self.model.new_constant(INSIDE)
            allowed = [(0, *row) for row in rows[0] if row[0] == INSIDE] + [(1, *row) for row in rows[1]]
            self.model.add_allowed_assignments([before[i], inner, self.place[i], state], allowed)
            states.append(state)
            last = state
        return list(reversed(states)), sweeps

    def flag(self, variable, values, name):
        """True if the variable has one of the values."""
        flag = self.model.new_bool_var(name)
        domain = cp_model.Domain.from_values(values)
        self.model.add_linear_expression_in_domain(variable, domain).only_enforce_if(flag)
        self.model.add_linear_expression_in_domain(variable, domain.complement()).only_enforce_if(~flag)
        return flag

    def both(self, a, b, name):
        flag = self.model.new_bool_var(name)
        self.model.add_bool_and([a, b]).only_enforce_if(flag)
        self.model.add_bool_or([~a, ~b, flag])
        return flag

    def factors(self, marks, wanted):
        """By prime: how many marked places hold a factor of a dimension in `wanted`. `marks` by place."""
        sums = {p: 0 for p in self.primes}
        for i, mark in enumerate(marks):
            for v, (d, p) in enumerate(self.letters):
                if d in wanted:
                    sums[p] += self.both(mark, self.is_letter[i][v + 1], f"m{self.fresh()}")
        return sums

    fresh_count = 0

    def fresh(self):
        self.fresh_count += 1
        return self.fresh_count

    def on_axes(self, wanted):
        return {p: sum(self.spatial[a, d, q] for a in (0, 1) for d, q in self.letters if q == p and d in wanted)
                for p in self.primes}

    def whole(self, wanted):
        return {p: sum(self.exponents[d].get(p, 0) for d in wanted) for p in self.primes}

    @staticmethod
    def plus(*parts):
        return {p: sum(part[p] for part in parts) for p in parts[0]}

    @staticmethod
    def minus(a, b):
        return {p: a[p] - b[p] for p in a}

    def tile(self, t, memory):
        """Words of one instance's tile: what the word leaves inside, and for GLB what the array spreads."""
        outside = self.before[t.name, memory]
        name = f"tile{t.name}{memory}"
        def inside(wanted):
            left = self.minus(self.whole(wanted), self.factors(outside, wanted))
            return left if memory == "GLB" else self.minus(left, self.on_axes(wanted))
        plain = self.power(inside(set(t.plain)), name)
        if not t.window:
            return plain
        extents = [self.power(inside({d}), f"{name}{d}") for d in t.window]
        bound = sum(self.case.bounds[d] for d in t.window)
        hull = self.model.new_int_var(1, bound, name + "hull")
        self.model.add(hull == sum(extents) - 1)
        words = self.model.new_int_var(1, self.operations, name + "words")
        self.model.add_multiplication_equality(words, [plain, hull])
        return words

    def entering(self, t, memory):
        """Words that enter (or leave) over all instances, and those shared by multicast (or reduced)."""
        states, sweeps = self.states(t, memory)
        moving = [self.flag(s, [OUTSIDE] + [SWEEP + i for i in range(len(sweeps))], f"mv{self.fresh()}")
                  for s in states]
        others = set(self.dims) - t.depends()
        name = f"enter{t.name}{memory}"
        if not t.window:
            shared = self.plus(self.whole(t.depends()), self.factors(moving, others))
            single = shared if memory == "GLB" else self.plus(shared, self.on_axes(others))
            return self.power(single, name), self.power(shared, name + "shared")
        # The window: per value of the outside loops, e words and then, a step of the sweep, min(e, step) more.
        p, r = t.window
        outside = [self.flag(s, [OUTSIDE], f"out{self.fresh()}") for s in states]
        swept = {}
        for d in t.window:
            here = [self.flag(s, [SWEEP + sweeps.index(d)], f"sw{self.fresh()}") for s in states]
            swept[d] = self.power(self.factors(here, {d}), f"{name}sweep{d}")
        before = self.before[t.name, memory]
        extent = {d: self.power(self.minus(self.whole({d}), self.factors(before, {d})), f"{name}extent{d}")
                  for d in t.window}
        divisors = {d: [x for x in range(1, self.case.bounds[d] + 1) if self.case.bounds[d] % x == 0]
                    for d in t.window}
        rows = []
        for ep in divisors[p]:
            for er in divisors[r]:
                size = ep + er - 1
                for sp in divisors[p]:
                    rows.append((ep, er, sp, 1, size + (sp - 1) * min(size, ep)))
                for sr in divisors[r]:
                    if sr > 1:
                        rows.append((ep, er, 1, sr, size + (sr - 1) * min(size, er)))
        words = self.model.new_int_var(1, max(row[-1] for row in rows), name + "window")
        self.model.add_allowed_assignments([extent[p], extent[r], swept[p], swept[r], words], rows)
        rest = self.plus(self.whole(set(t.plain)), self.factors(moving, others),
                         self.factors(outside, set(t.window)))
        results = []
        for part, suffix in ((rest if memory == "GLB" else self.plus(rest, self.on_axes(others)), ""),
                             (rest, "shared")):
            count = self.model.new_int_var(1, 4 * self.operations, name + "total" + suffix)
            self.model.add_multiplication_equality(count, [words, self.power(part, name + "rest" + suffix)])
            results.append(count)
        return results

    def counts(self):
        dram = glb = rf = 0
        room = {"GLB": 0, "RF": 0}
        for t in self.case.tensors:
            for memory in room:
                room[memory] += self.tile(t, memory)
            glb_all, glb_shared = self.entering(t, "GLB")
            rf_all, rf_shared = self.entering(t, "RF")
            if not t.output:
                dram += glb_shared                      # reads
                glb += glb_all + rf_shared              # fills, reads
                rf += rf_all + self.operations          # fills, operands
                continue
            words = 1
            for d in t.depends():
                words *= self.case.bounds[d]
            held = self.power(self.plus(self.whole(t.depends()), self.on_axes(set(self.dims) - t.depends())), "held")
            dram += glb_shared + glb_shared - words     # updates, old values
            glb += glb_all + glb_all - words            # drains, fills
            glb += rf_shared + rf_shared - words        # updates, old values
            rf += rf_all + rf_all - held                # drains, fills
            rf += self.operations + self.operations - held  # updates, old values
        self.model.add(room["GLB"] <= self.case.glb)
        self.model.add(room["RF"] <= self.case.rf)
        most = 1 << 40
        self.energy = self.model.new_int_var(0, most, "energy")
        self.model.add(self.energy == DRAM_PJ * dram + GLB_PJ * glb + RF_PJ * rf + MAC_PJ * self.operations)
        steps = self.power(self.minus(self.whole(set(self.dims)), self.on_axes(set(self.dims))), "steps")
        # cycles = the largest of the three, rounded up; minimised or capped, so "at least" is enough.
        self.cycles = self.model.new_int_var(1, most, "cycles")
        self.model.add(self.cycles >= steps)
        self.model.add(self.case.dram_rate * self.cycles >= dram)
        self.model.add(self.case.glb_rate * self.cycles >= glb)

    def minimise(self, what, seconds):
        self.model.minimize(what)
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = 2
        solver.parameters.max_time_in_seconds = seconds
        status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return None
        if status != cp_model.OPTIMAL:
            raise TimeoutError(f"{self.case.name}: no proof within {seconds} s ({solver.status_name(status)})")
        return round(solver.objective_value)

    def cap(self, cycles):
        self.model.add(self.cycles <= cycles)


def tessera_front(binary, case):
    """The proven front: (energy in pJ, cycles), by energy."""
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(case.yaml())
        file.flush()
        run = subprocess.run([binary, "search", file.name, "--algorithm", "exhaustive", "--factors", "perfect",
                              "--format", "json", "--quiet"], capture_output=True, text=True, check=False)
    if run.returncode == 3:
        return []
    if run.returncode != 0:
        raise RuntimeError(f"{case.name}: tessera ended with {run.returncode}: {run.stderr}")
    result = json.loads(run.stdout)
    if result["certificate"] != "exact":
        raise RuntimeError(f"{case.name}: tessera proves nothing: {result['certificate']}")
    return sorted((round(p["energy_pJ"]), p["cycles"]) for p in result["points"])


def compare(binary, case, seconds):
    began = time.monotonic()
    front = tessera_front(binary, case)
    program = Program(case)
    energy = program.minimise(program.energy, seconds)
    program = Program(case)
    cycles = program.minimise(program.cycles, seconds)
    capped = None
    if cycles is not None:
        program = Program(case)
        program.cap(cycles)
        capped = program.minimise(program.energy, seconds)
    theirs = (front[0][0], min(c for _, c in front), min(front, key=lambda x: x[1])[0]) if front else (None,) * 3
    same = (energy, cycles, capped) == theirs
    print(f"{'agrees' if same else 'DIFFERS'}  {case.name}: least energy {energy} pJ, least cycles {cycles}, "
          f"energy at these {capped} pJ; tessera {theirs}; front of {len(front)}; "
          f"{time.monotonic() - began:.1f} s", flush=True)
    return same


S3 = {"glb": 131072, "rf": 512, "side": 16}
CASES = [
    gemm(4, 4, 4, 40, 6, 2),
    gemm(8, 4, 8, 20, 6, 2),
    gemm(8, 8, 8, 48, 8, 2, dram_rate=1, glb_rate=2),
    gemm(16, 16, 16, 100, 12, 4, dram_rate=1, glb_rate=8),
    convolution(2, 2, 4, 3, 24, 8, 2),
    convolution(4, 2, 6, 3, 20, 6, 2, dram_rate=1, glb_rate=4),
    gemm(256, 256, 256, **S3),
]
MORE_CASES = [
    gemm(6, 4, 4, 20, 8, 2),
    gemm(12, 12, 12, 60, 9, 3, dram_rate=1, glb_rate=4),
    gemm(15, 10, 6, 40, 7, 3, dram_rate=1, glb_rate=2),
    gemm(4, 32, 8, 30, 6, 2, dram_rate=1, glb_rate=2),
    gemm(32, 32, 32, 400, 20, 4, dram_rate=2, glb_rate=8),
    gemm(64, 64, 64, 2000, 64, 8, dram_rate=2, glb_rate=16),
    convolution(8, 4, 14, 3, 100, 16, 4, dram_rate=1, glb_rate=8),
    convolution(4, 4, 16, 4, 60, 10, 2, dram_rate=1, glb_rate=2),
]


def main():
    binary, names = sys.argv[1], sys.argv[2:]
    cases = CASES if not names else [
        c for c in CASES + MORE_CASES if any(n == "all" or n in c.name for n in names)]
    results = [compare(binary, case, 600) for case in cases]
    print(f"{sum(results)} of {len(results)} cases agree")
    return 0 if results and all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
