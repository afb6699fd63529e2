"""How many small mistakes in a pure module its tests notice.

    python -m scripts.mutants ojas.features.identity.rules tests/features/identity/test_rules.py

Each mutant changes one thing (a comparison, an operator, a number, a word, a condition, an answer) and is imported in the place
of the module, in a process of its own; no file is touched. One that passes every test is printed: a test is missing there, or
the code is. Tests run without ``conftest.py``: pure rules need no database.
"""

import ast
import copy
import importlib
import importlib.util
import os
import resource
import sys
from collections.abc import Iterator
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

SECONDS = 20  # of the processor; a mutant that runs for longer does not end: noticed

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
RECKONED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr,
}  # fmt: skip


def changed(node: ast.AST) -> Iterator[ast.AST]:
    """The node with one mistake in it, each there is."""
    match node:
        case ast.Compare(left, ops, comparators):
            for place, op in enumerate(ops):
                others = [*ops[:place], COMPARED[type(op)](), *ops[place + 1 :]]
                yield ast.Compare(left, others, comparators)
        case ast.BinOp(left, op, right) if type(op) in RECKONED:
            yield ast.BinOp(left, RECKONED[type(op)](), right)
        case ast.BoolOp(op, values):
            yield ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.UnaryOp(ast.Not(), operand):
            yield operand
        case ast.IfExp(test, body, orelse):
            yield ast.IfExp(test, orelse, body)
        case ast.If(test, body, orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Return(value) if value is not None and not _is_none(value):
            yield ast.Return(ast.Constant(None))
        case ast.Constant(bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(int(value)):
            yield ast.Constant(value + 1)
        case ast.Constant(str(value)) if value:
            yield ast.Constant(value + "X")


def _is_none(value: ast.AST) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _skipped(tree: ast.Module) -> set[ast.AST]:
    """What is no behaviour: annotations, docstrings, what people are told."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        parts: list[ast.AST | None] = []
        match node:
            case ast.arg(annotation=kind) | ast.AnnAssign(annotation=kind):
                parts = [kind]
            case ast.FunctionDef(returns=kind) | ast.AsyncFunctionDef(returns=kind):
                parts = [kind]
            case ast.Expr(ast.Constant(str()) as text):
                parts = [text]
            case ast.Call(ast.Name(name), [first, *_]) if name in ("N_", "_") or name[:1].isupper():
                parts = [first] if isinstance(first, ast.Constant) and isinstance(first.value, str) else []
            case ast.ImportFrom() | ast.Import():
                parts = [node]
        for part in parts:
            found |= set(ast.walk(part)) if part else set()
    return found


def mutants(tree: ast.Module) -> Iterator[tuple[int, str, ast.Module]]:
    """Line, what was changed, and the module with it."""
    skipped = _skipped(tree)
    nodes = [node for node in ast.walk(tree) if node not in skipped]
    for node in nodes:
        for other in changed(node):
            memo: dict[int, Any] = {id(node): ast.copy_location(other, node)}
            made = ast.fix_missing_locations(copy.deepcopy(tree, memo))
            words = f"{ast.unparse(node)[:60]!r} → {ast.unparse(ast.fix_missing_locations(other))[:60]!r}"
            yield getattr(node, "lineno", 0), words, made


class _Instead(MetaPathFinder, SourceLoader):
    """Gives the mutant where the module is asked for."""

    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_loader(fullname, self, origin=str(self.path))

    def get_filename(self, fullname: str) -> str:
        return str(self.path)

    def get_data(self, path: str) -> bytes:
        return self.path.read_bytes()

    def get_code(self, fullname: str) -> Any:
        return compile(self.tree, str(self.path), "exec")


def noticed(name: str, path: Path, tree: ast.Module, tests: list[str]) -> bool:
    """Whether a test fails, in a process of its own, with the mutant in the module's place."""
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(1, 2)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        sys.meta_path.insert(0, _Instead(name, path, tree))
        os._exit(_tried(tests))
    return os.waitpid(child, 0)[1] != 0


def _tried(tests: list[str]) -> int:
    import hypothesis
    import pytest

    any_example = (hypothesis.Phase.explicit, hypothesis.Phase.generate)  # the smallest takes long to find
    hypothesis.settings.register_profile(
        "mutants", deadline=None, max_examples=25, derandomize=True, phases=any_example
    )
    hypothesis.settings.load_profile("mutants")
    off = [
        "cacheprovider",
        "xdist",
        "randomly",
        "unraisableexception",
    ]  # the last collects garbage, twice a mutant
    plain = ["-x", "-q", "--noconftest", "--tb=no", "--assert=plain", *(f"-pno:{plugin}" for plugin in off)]
    return int(pytest.main([*plain, *tests]))


def _load(name: str) -> None:
    """Imports what tests and the module stand on, once, before the processes part; not what may change with it.

    Of each mutant's second, the plugins of pytest were seven tenths.
    """
    for plugin in entry_points(group="pytest11"):
        plugin.load()
    importlib.import_module(name)
    whole = name.partition(".")[0]
    for own in [one for one in sys.modules if one.partition(".")[0] == whole]:
        del sys.modules[own]


def main(name: str, *tests: str) -> int:
    _load(name)
    path = Path("src", *name.split(".")).with_suffix(".py")
    tree = ast.parse(path.read_text())
    if noticed(name, path, tree, list(tests)):
        print("The tests fail without any mistake.")
        return 2
    caught, through = 0, []
    for line, words, made in mutants(tree):
        if noticed(name, path, made, list(tests)):
            caught += 1
        else:
            through.append(f"{path}:{line}: {words}")
            print(through[-1], flush=True)
    whole = caught + len(through)
    print(f"{name}: {caught} of {whole} noticed ({100 * caught / max(whole, 1):.0f} %)")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
