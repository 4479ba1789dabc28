"""Which names a statement of a notebook reads, sets and may change, found without running it."""

import ast
import symtable
import warnings
from collections.abc import Iterator
from typing import NamedTuple

from IPython.core.inputtransformer2 import TransformerManager

DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
IMPORTS = ast.Import | ast.ImportFrom
COMPREHENSIONS = {"listcomp", "setcomp", "dictcomp", "genexpr"}  # they run at once, unlike a function
DYNAMIC = {"eval", "exec", "globals", "locals", "vars", "compile", "__import__", "get_ipython"}


class Unclear(Exception):
    """A cell from whose text nobody can tell what it reads."""


class Names(NamedTuple):
    """The names of one statement at top level.

    `now` are read when it runs, `later` when a function that it defines is called. `sets` are bound for certain, `binds`
    perhaps, in a loop or after an `if`. `stores` are the names of objects with an attribute or item that is set. `passes` are
    the names of objects that may have changed, because a call was given them or their method was called for its effect.
    `fixed` are modules, functions and classes, which no call changes.
    """

    now: set[str]
    later: set[str]
    sets: set[str]
    binds: set[str]
    stores: set[str]
    passes: set[str]
    fixed: set[str]


class Reachable(ast.NodeTransformer):
    """Remove what stands after a `raise` or `return`: a stub raises before lines that use what the answer would define."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        """Cut each block of a statement after the first one that leaves it."""
        for block in ("body", "orelse", "finalbody"):
            lines = getattr(node, block, None)
            if isinstance(lines, list):
                ends = [place for place, line in enumerate(lines) if isinstance(line, ast.Raise | ast.Return)]
                del lines[ends[0] + 1 if ends else len(lines) :]
        return super().generic_visit(node)


def statements(source: str) -> list[Names]:
    """Read a cell: a `Names` per statement, none for a cell that is no Python. Raises Unclear.

    >>> [(one.sets, one.now, one.later) for one in statements("def double(x):\\n    return two * x\\ny = double(3)")]
    [({'double'}, set(), {'two'}), ({'y'}, {'double'}, set())]
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            body = ast.parse(TransformerManager().transform_cell(source)).body
            return [of_statement(Reachable().visit(node)) for node in body]
    except SyntaxError:
        return []  # it does not run in a notebook either
    except (ValueError, RecursionError, MemoryError) as error:
        raise Unclear("it cannot be read") from error


def of_statement(node: ast.stmt) -> Names:
    """Find the names of a statement; raises Unclear if it may read names that are not written in it."""
    table = symtable.symtable(ast.unparse(node), "cell", "exec")
    now, later = reads(table)
    bound = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_assigned() or symbol.is_imported()}
    if (now | later) & DYNAMIC or "*" in {
        name.name for part in ast.walk(node) for name in getattr(part, "names", ()) if isinstance(name, ast.alias)
    }:
        raise Unclear("it uses names that are not written in it")
    certain = set(targets(node))
    fixed = certain if isinstance(node, DEFINITIONS | IMPORTS) else set()
    return Names(now, later, certain, (bound | assigned_inside(table)) - certain, set(stored(node)), set(passed(node)), fixed)


def reads(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    """Collect the global names that a scope reads: at once, and in the functions that it defines."""
    top = table.get_type() == "module"
    now = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced() and (top or symbol.is_global())}
    later: set[str] = set()
    for child in table.get_children():
        at_once, deferred = reads(child)
        is_called_later = child.get_type() == "function" and child.get_name() not in COMPREHENSIONS
        later |= deferred | (at_once if is_called_later else set())
        now |= set() if is_called_later else at_once
    return now, later


def assigned_inside(table: symtable.SymbolTable) -> set[str]:
    """Collect the names that functions of a statement declare `global` and assign, and those that a class or loop assigns."""
    found: set[str] = set()
    for child in table.get_children():
        found |= {symbol.get_name() for symbol in child.get_symbols() if symbol.is_declared_global() and symbol.is_assigned()}
        found |= assigned_inside(child)
    return found


def targets(node: ast.stmt) -> Iterator[str]:
    """List the names that a statement binds whatever happens, unless it raises."""
    if isinstance(node, DEFINITIONS):
        yield node.name
    elif isinstance(node, IMPORTS):
        yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
    elif isinstance(node, ast.Assign) or (isinstance(node, ast.AnnAssign) and node.value):
        for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
            yield from (part.id for part in ast.walk(target) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store))


def stored(node: ast.stmt) -> Iterator[str]:
    """List the names of objects of which an attribute or an item is set or deleted."""
    for part in ast.walk(node):
        if isinstance(part, ast.Attribute | ast.Subscript) and isinstance(part.ctx, ast.Store | ast.Del):
            yield from root(part)


def passed(node: ast.stmt) -> Iterator[str]:
    """List the names of objects that a call is given, or whose method is called for its effect."""
    if isinstance(node, DEFINITIONS):
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            yield from root(part.value.func)
        if isinstance(part, ast.Call):
            if isinstance(part.func, ast.Attribute) and part.func.attr.endswith("_"):  # torch's mark of a change in place
                yield from root(part.func)
            for value in [*part.args, *(keyword.value for keyword in part.keywords)]:
                yield from root(value)


def root(node: ast.expr) -> list[str]:
    """Find the name at the beginning of `name.attribute[item]`.

    >>> root(ast.parse("net.layers[0].weight", mode="eval").body), root(ast.parse("2 * x", mode="eval").body)
    (['net'], [])
    """
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Starred):
        node = node.value
    return [node.id] if isinstance(node, ast.Name) else []
