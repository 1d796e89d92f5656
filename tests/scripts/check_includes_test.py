"""scripts/check-includes must find each sort of violation, name its place, and accept what is allowed."""

import subprocess
import sys
import tempfile
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check-includes"

GOOD = {
    "spec/node.hpp": "#pragma once\n#include <string>\n",
    "spec/read.cpp": "#include <cstdio>\nauto f = std::fopen(name, mode);  // never std::puts(it)\n",
    "problems/tensor_kind.hpp": "#pragma once\n",
    "problems/problem.hpp": '#include "problems/tensor_kind.hpp"\n#include "spec/node.hpp"\n',
    "arch/architecture.hpp": '#include "problems/tensor_kind.hpp"\n',
    "mapper/mapping.hpp": '#include "arch/architecture.hpp"\n#include "problems/problem.hpp"\n',
    "mapper/mapspace.hpp": '#include "mapper/mapping.hpp"\n',
    "model/evaluate.hpp": '#include "mapper/mapping.hpp"\n',
    "search/search.hpp": '#include "mapper/mapspace.hpp"\n#include "model/evaluate.hpp"\n',
    "app/main.cpp": '#include <iostream>\n#include "search/search.hpp"\nint main() { std::cout << 1; }\n',
}
# (file, its text, what must be said of it)
BAD = [
    ("spec/bad.cpp", '#include "problems/problem.hpp"\n', 'spec/bad.cpp:1: includes "problems/problem.hpp"'),
    ("problems/bad.cpp", '\n#include "arch/architecture.hpp"\n', "problems/bad.cpp:2:"),
    ("arch/bad.hpp", '#include "problems/problem.hpp"\n', "arch/ may include arch/, spec/, problems/tensor_kind.hpp"),
    ("mapper/bad.cpp", '#include "model/evaluate.hpp"\n', "mapper/bad.cpp:1:"),
    ("model/bad.cpp", '#include "mapper/mapspace.hpp"\n', "model/bad.cpp:1:"),
    ("search/bad.cpp", '  #  include "app/main.cpp"\n', "search/bad.cpp:1:"),
    ("model/inner/bad.cpp", '#include "search/search.hpp"\n', "model/inner/bad.cpp:1:"),
    ("model/bad.cpp", "#include <iostream>\n", "only app/ prints"),
    ("search/bad.cpp", "#include <cstdio>\nvoid f() { std::puts(text); }\n", "bad.cpp:2: uses std::puts"),
    ("search/bad.cpp", "void f() { std::fwrite(text, 1, 2, stderr); }\n", "uses stderr"),
    ("spec/bad.cpp", 'void f() { fmt::print("x"); }\n', "uses fmt::print"),
    ("spec/bad.cpp", '#include "node.hpp"\n', "no such file from the repository root"),
    ("arch/bad.cpp", "#include <spec/node.hpp>\n", "in quotes"),
]


def run(extra):
    """Exit code and output over the good tree and one more file."""
    with tempfile.TemporaryDirectory() as root:
        for name, text in {**GOOD, **extra}.items():
            path = Path(root, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)
        return done.returncode, done.stdout


def main():
    code, output = run({})
    assert (code, output) == (0, f"{len(GOOD)} files include one way only\n"), output
    for name, text, expected in BAD:
        code, output = run({name: text})
        assert code == 1 and expected in output, f"{name} with {text!r}: {code} {output!r}"
    with tempfile.TemporaryDirectory() as root:   # a wrong root must not pass for a clean tree
        done = subprocess.run([sys.executable, SCRIPT, root], capture_output=True, text=True, check=False)
        assert done.returncode == 1 and "no sources" in done.stderr, done
    print(f"{len(BAD)} violations found")


main()
