"""Mutation testing: change one thing in a module, and see whether the tests notice. What they miss is printed.

    python tests/mutate.py judgements tests/test_judgements.py --most 60 --seed 1

It works on a copy of the project in a temporary folder. Annotations, docstrings and messages are left alone.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

ROOT = Path(__file__).resolve().parents[1]
OTHER = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add,
}  # fmt: skip


def mutations(tree: ast.AST) -> Iterator[tuple[ast.AST, str, object]]:
    """Every place that can be changed: the node, its field, and what the field becomes."""
    for node in ast.walk(tree):
        match node:
            case ast.Compare(ops=[op, *rest]) if type(op) in OTHER:
                yield node, "ops", [OTHER[type(op)](), *rest]
            case ast.BoolOp() | ast.BinOp() if type(node.op) in OTHER:
                yield node, "op", OTHER[type(node.op)]()
            case ast.If() | ast.IfExp() | ast.While():
                yield node, "test", ast.UnaryOp(ast.Not(), node.test)
            case ast.comprehension(ifs=[_, *rest]):
                yield node, "ifs", rest
            case ast.Constant(value=bool(flag)):
                yield node, "value", not flag
            case ast.Constant(value=int(number)):
                yield node, "value", number + 1
            case ast.Return(value=ast.expr()):
                yield node, "value", ast.Constant(None)


def main() -> None:
    """Try the mutants, and print the score and those that lived."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module")
    parser.add_argument("tests", nargs="+")
    parser.add_argument("--most", type=int, default=10_000, help="so many, drawn by the seed")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder) / "project"
        shutil.copytree(ROOT, copied, ignore=shutil.ignore_patterns(".git", ".venv", "exports", "__pycache__"))
        path = copied / "src/cdip_analysis" / f"{asked.module}.py"
        source = path.read_text(encoding="utf-8")
        places = range(len(list(mutations(ast.parse(source)))))
        drawn = sorted(Random(asked.seed).sample(places, min(asked.most, len(places))))
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *asked.tests]
        environment = {**os.environ, "PYTHONPATH": str(copied / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
        lived = 0
        for at in drawn:
            tree = ast.parse(source)
            node, field, value = list(mutations(tree))[at]
            before = ast.unparse(node).splitlines()[0][:110]
            setattr(node, field, value)
            path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
            try:
                done = subprocess.run(command, cwd=copied, env=environment, capture_output=True, timeout=600)
            except subprocess.TimeoutExpired:
                continue  # a loop without an end is noticed too
            if done.returncode == 0:
                lived += 1
                print(f"lived: line {getattr(node, 'lineno', '?')}: {before} ({field})", flush=True)
    print(f"{asked.module}: {len(drawn) - lived} of {len(drawn)} killed")


if __name__ == "__main__":
    main()
