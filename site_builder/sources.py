"""What a definition is made of: the project's own definitions that it reaches, and versions.

Read from the source text with `ast`; nothing is imported or run. A definition reaches every name
that it mentions, through any number of project modules. Where that can't be told (a star import, a
module used as a value, `getattr`, `globals`, `eval`), it reaches the whole module. Comments,
layout and docstrings count for nothing.
"""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from importlib import metadata, util
from pathlib import Path

WHOLE = "*"
"""The name that stands for everything in a module."""

_OPAQUE = {
    "globals",
    "locals",
    "vars",
    "eval",
    "exec",
    "getattr",
    "setattr",
    "__import__",
    "import_module",
}


class Module:
    """One project module, parsed.

    Attributes:
        name: Its dotted name.
        bindings: The statements that bind each top-level name.
        always: Statements that bind nothing but run at import, such as a call: they may change
            anything, so that every definition of the module is made of them too.
    """

    def __init__(self, name: str, path: Path, text: bytes) -> None:
        self.name = name
        self.package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        self.tree = ast.parse(text, str(path))
        self.bindings: dict[str, list[ast.stmt]] = {}
        self.always: list[ast.stmt] = []
        for statement in self.tree.body:
            names = list(_bound(statement))
            for bound in names:
                self.bindings.setdefault(bound, []).append(statement)
            if not names and not _is_docstring(statement):
                self.always.append(statement)

    @cached_property
    def third_party(self) -> frozenset[str]:
        """The top-level names of everything that the module imports anywhere in it."""
        found = set()
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                found.add(node.module.partition(".")[0])
        return frozenset(found - set(sys.stdlib_module_names))


class Sources:
    """The modules of a project's packages, as they are now, parsed when they are first reached.

    They are read at once, so that what is imported afterwards can be compared (`changed`): an
    author goes on writing while a build runs.

    Args:
        root: The folder on the import path that holds the packages.
        packages: The packages that are the project's own.
    """

    def __init__(self, root: Path, packages: Iterable[str] = ("explainers",)) -> None:
        self.root = root
        self.packages = frozenset(packages)
        self._modules: dict[str, Module | None] = {}
        files = sorted(path for name in self.packages for path in (root / name).glob("**/*.py"))
        self._texts = {path: path.read_bytes() for path in files}

    def changed(self) -> str | None:
        """The first file, from `root`, that is not what it was when this was made, or None."""
        for path, text in self._texts.items():
            if not path.is_file() or path.read_bytes() != text:
                return path.relative_to(self.root).as_posix()
        return None

    def module(self, name: str) -> Module | None:
        """The project module of that dotted name, or None where it is not the project's."""
        if name not in self._modules:
            path = self._file(name)
            self._modules[name] = Module(name, path, self._texts[path]) if path else None
        return self._modules[name]

    def _file(self, name: str) -> Path | None:
        if name.partition(".")[0] not in self.packages:
            return None
        base = self.root.joinpath(*name.split("."))
        for path in (base.with_suffix(".py"), base / "__init__.py"):
            if path in self._texts:
                return path
        return None

    def parts(self, module: str, name: str, *, without: Iterable[str] = ()) -> dict[str, str]:
        """The ingredients of one definition, for a store's key.

        Args:
            module: The dotted name of the module it stands in.
            name: Its top-level name, or ``Class.method`` for a method with what it reaches.
            without: Methods of the class `name` that don't count.

        Returns:
            A hash for every project definition reached, under its dotted name, and the version of
            every third-party package that a module on the way imports, under ``version of <name>``.
        """
        outer, _, method = name.partition(".")
        left_out = frozenset(without)
        todo, done = [(module, outer)], set[tuple[str, str]]()
        parts: dict[str, str] = {}
        packages: set[str] = set()
        while todo:
            at = todo.pop()
            if at in done:
                continue
            done.add(at)
            found = self.module(at[0])
            if found is None:
                continue
            packages |= found.third_party
            start = at == (module, outer)
            statements = self._statements(found, at[1])
            if start and left_out:
                statements = [_without_methods(s, left_out) for s in statements]
            if start and method:
                statements = [_only_method(s, method) for s in statements]
            text = "\n".join(ast.unparse(_undocumented(s)) for s in statements)
            if text:
                parts[".".join(at)] = hashlib.sha256(text.encode()).hexdigest()
            for statement in statements:
                todo += self._reached(found, statement)
            # Importing a module runs its packages' own code first.
            for depth in range(1, at[0].count(".") + 1):
                todo.append((at[0].rsplit(".", depth)[0], WHOLE))
        parts["version of python"] = ".".join(map(str, sys.version_info[:2]))
        for package in sorted(packages - self.packages - {"site_builder"}):
            if version := package_version(package):
                parts[f"version of {package}"] = version
        return parts

    def _statements(self, module: Module, name: str) -> list[ast.stmt]:
        if name == WHOLE:
            return [s for s in module.tree.body if not _is_docstring(s)]
        return module.bindings.get(name, []) + module.always

    def _reached(self, module: Module, statement: ast.stmt) -> Iterator[tuple[str, str]]:
        """The (module, name) pairs that a statement mentions."""
        imported = self._imports(module)
        attribute_bases = {
            id(node.value): node.attr
            for node in ast.walk(statement)
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
        }
        for node in ast.walk(statement):
            if isinstance(node, ast.Name):
                if node.id in _OPAQUE:
                    yield module.name, WHOLE
                if node.id in module.bindings:
                    yield module.name, node.id
                if node.id in imported:
                    target, name = imported[node.id]
                    yield target, name or attribute_bases.get(id(node), WHOLE)
            elif isinstance(node, ast.Attribute) and node.attr in _OPAQUE:
                yield module.name, WHOLE
            elif isinstance(node, ast.Attribute):
                yield from self._dotted(node)
            elif isinstance(node, ast.ImportFrom):
                source = _absolute(module, node)
                for alias in node.names:
                    if alias.name == "*":
                        yield source, WHOLE

    def _dotted(self, node: ast.Attribute) -> Iterator[tuple[str, str]]:
        """The dotted ``explainers.x.data.events`` after ``import explainers.x.data``."""
        parts = [node.attr]
        base: ast.expr = node.value
        while isinstance(base, ast.Attribute):
            parts.append(base.attr)
            base = base.value
        if isinstance(base, ast.Name) and base.id in self.packages:
            parts.append(base.id)
            name = ".".join(reversed(parts[1:]))
            if self.module(name):
                yield name, parts[0]

    def _imports(self, module: Module) -> Mapping[str, tuple[str, str | None]]:
        """Local name -> (module, name in it), or (module, None) where it is a module itself."""
        found: dict[str, tuple[str, str | None]] = {}
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    if alias.asname:
                        found[alias.asname] = (alias.name, None)
            elif isinstance(node, ast.ImportFrom):
                source = _absolute(module, node)
                for alias in node.names:
                    local = alias.asname or alias.name
                    inner = f"{source}.{alias.name}"
                    is_module = self.module(inner) is not None
                    found[local] = (inner, None) if is_module else (source, alias.name)
        return found


def _absolute(module: Module, node: ast.ImportFrom) -> str:
    relative = "." * node.level + (node.module or "")
    return util.resolve_name(relative, module.package) if node.level else relative


def _bound(statement: ast.stmt) -> Iterator[str]:
    """The names that a top-level statement binds, those inside an `if` or a `try` included."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Import | ast.ImportFrom):
        for alias in statement.names:
            if alias.name != "*":  # binds nobody knows what: it counts with every definition
                yield alias.asname or alias.name.partition(".")[0]
    else:
        for node in ast.walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
                yield node.id
            elif isinstance(node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
                yield from _bound(node)


def _is_docstring(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


class _Undocumented(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.AST:
        return ast.Pass() if _is_docstring(node) else node


def _undocumented(statement: ast.stmt) -> ast.stmt:
    copy = ast.parse(ast.unparse(statement))
    return ast.fix_missing_locations(_Undocumented().visit(copy)).body[0]  # type: ignore[no-any-return]


def _without_methods(statement: ast.stmt, names: frozenset[str]) -> ast.stmt:
    if not isinstance(statement, ast.ClassDef):
        return statement
    body = [s for s in statement.body if getattr(s, "name", None) not in names]
    return _with_body(statement, body)


def _only_method(statement: ast.stmt, name: str) -> ast.stmt:
    """The class with that method alone, and the methods of ``self`` that it mentions."""
    if not isinstance(statement, ast.ClassDef):
        return statement
    methods = {s.name: s for s in statement.body if isinstance(s, ast.FunctionDef)}
    todo, kept = [name], set[str]()
    while todo:
        at = todo.pop()
        if at in methods and at not in kept:
            kept.add(at)
            todo += [n.attr for n in ast.walk(methods[at]) if isinstance(n, ast.Attribute)]
    return _with_body(statement, [methods[at] for at in methods if at in kept])


def _with_body(statement: ast.ClassDef, body: list[ast.stmt]) -> ast.stmt:
    copy = ast.ClassDef(**{**dict(ast.iter_fields(statement)), "body": body or [ast.Pass()]})
    return ast.copy_location(copy, statement)


def tree_digest(folder: Path, pattern: str = "**/*.py") -> str:
    """One hash for the files below a folder: their names and their bytes."""
    digest = hashlib.sha256()
    for path in sorted(p for p in folder.glob(pattern) if p.is_file()):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


@cache
def package_version(package: str) -> str | None:
    """The version of the distribution that brings an importable package, or None.

    Where import name and distribution differ (``sklearn``), the installed file lists tell; they
    are searched as bytes, since parsing them all would take a third of a second.
    """
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        pass
    needles = (f"\n{package}/__init__.py,".encode(), f"\n{package}.py,".encode())
    for folder in map(Path, sys.path):
        for record in folder.glob("*.dist-info/RECORD"):
            data = b"\n" + record.read_bytes()
            if any(needle in data for needle in needles):
                return metadata.PathDistribution(record.parent).version
    return None
