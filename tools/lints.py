"""The project's own lints: rules of the house that no general tool knows.

Run `python tools/lints.py [ROOT]`; it prints one line per finding and exits with 1 when there is one. A line that must
break a rule says so itself, with the reason: `# lint: allow <rule>: <reason>`.

ports      domain code (`shop`, `flows`) reads no clock, draws no chance, never sleeps and starts no thread or process
network    only `providers` and `carriers` in the domain may import an HTTP client
float      money is whole minor units: no float touches a name that ends in `_minor`
long       a function fits a screen (70 lines), a file a sitting (400)
docstring  every module says what it is and why
statuses   only `shop/orders/store.py` changes the three statuses of `sales_order`; `shop/orders` may insert the row
verify     a check in `shop/reports/verify` reads tables and states, and never calls the code that wrote the cache
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FUNCTION_LINES = 70
FILE_LINES = 400
CHANGING_VERBS = {"update", "advance"}
INSERTING_VERBS = {"insert", "insert_many"}
STATUSES = {"status", "payment_status", "fulfillment_status"}

FORBIDDEN_CALLS = {
    "datetime.datetime.now", "datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today",
    "time.time", "time.time_ns", "time.monotonic", "time.monotonic_ns", "time.perf_counter", "time.sleep",
    "uuid.uuid1", "uuid.uuid4", "uuid.uuid6", "uuid.uuid7", "os.urandom", "asyncio.sleep",
    "threading.Thread", "threading.Timer",
}  # fmt: skip
FORBIDDEN_MODULES = {"random", "secrets", "multiprocessing", "subprocess", "concurrent.futures"}
NETWORK_MODULES = {
    "socket", "ssl", "smtplib", "imaplib", "ftplib", "http.client", "urllib.request", "requests", "urllib3", "httpx",
    "aiohttp", "stripe",
}  # fmt: skip
NETWORK_ROOMS = {"providers", "carriers"}
RAW_STATUS_WRITE = re.compile(
    r"\binsert\s+into\s+sales_order\b"
    r"|\bupdate\s+sales_order\s+set\b(?:(?!\bwhere\b).)*\b(?:" + "|".join(sorted(STATUSES)) + r")\s*=",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken rule at one line; printed as `path:line: rule: message`."""

    path: Path
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path.as_posix()}:{self.line}: {self.rule}: {self.message}"


class Names:
    """What the names of one module stand for, so that `from time import sleep as nap` is still `time.sleep`."""

    def __init__(self, tree: ast.AST) -> None:
        self._full: dict[str, str] = {}
        self.imports: list[tuple[int, str]] = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.imports.append((node.lineno, alias.name))
                    self._full[alias.asname or alias.name.split(".")[0]] = (
                        alias.name if alias.asname else alias.name.split(".")[0]
                    )
            elif isinstance(node, ast.ImportFrom):
                origin = "." * node.level + (node.module or "")
                for alias in node.names:
                    self.imports.append((node.lineno, f"{origin}.{alias.name}"))
                    self._full[alias.asname or alias.name] = f"{origin}.{alias.name}"

    def full(self, node: ast.AST) -> str:
        """The dotted name of an expression with import aliases resolved; empty when it is not a name."""
        if isinstance(node, ast.Name):
            return self._full.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            owner = self.full(node.value)
            return f"{owner}.{node.attr}" if owner else ""
        return ""


def is_within(name: str, modules: set[str]) -> bool:
    """Whether a dotted name is one of these modules or something inside one of them."""
    return any(name == module or name.startswith(module + ".") for module in modules)


def ports(tree: ast.AST, names: Names, path: Path) -> Iterator[tuple[int, str, str]]:
    """Rules `ports` and `network`; only for files of the domain wings."""
    may_call_out = bool(NETWORK_ROOMS & set(path.parts))
    for line, name in names.imports:
        if is_within(name, FORBIDDEN_MODULES):
            yield line, "ports", f"{name}: chance and processes come through a port"
        elif not may_call_out and is_within(name, NETWORK_MODULES):
            yield line, "network", f"{name}: only {' and '.join(sorted(NETWORK_ROOMS))} may call out"
    for node in ast.walk(tree):
        if isinstance(node, ast.Name | ast.Attribute) and names.full(node) in FORBIDDEN_CALLS:
            yield node.lineno, "ports", f"{names.full(node)}: time, ids and threads come from outside (a port)"


def is_minor(node: ast.AST | None) -> bool:
    """Whether an expression names an amount in minor units."""
    name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
    return name.endswith("_minor")


def says_float(node: ast.AST | None) -> bool:
    """Whether an expression or annotation holds a float: a literal, the type's name, a call of it, or `/`."""
    return node is not None and any(
        (isinstance(part, ast.Constant) and isinstance(part.value, float))
        or (isinstance(part, ast.Name) and part.id == "float")
        or (isinstance(part, ast.BinOp) and isinstance(part.op, ast.Div))
        for part in ast.walk(node)
    )


def floats(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Rule `float`: an amount annotated, assigned, passed, divided or combined as a float."""
    for node in ast.walk(tree):
        bad = False
        if isinstance(node, ast.AnnAssign):
            bad = is_minor(node.target) and (says_float(node.annotation) or says_float(node.value))
        elif isinstance(node, ast.Assign):
            bad = any(map(is_minor, node.targets)) and says_float(node.value)
        elif isinstance(node, ast.AugAssign):
            bad = is_minor(node.target) and (isinstance(node.op, ast.Div) or says_float(node.value))
        elif isinstance(node, ast.arg):
            bad = node.arg.endswith("_minor") and says_float(node.annotation)
        elif isinstance(node, ast.keyword):
            bad = bool(node.arg and node.arg.endswith("_minor")) and says_float(node.value)
        elif isinstance(node, ast.BinOp):
            sides = (node.left, node.right)
            mixed = any(isinstance(side, ast.Constant) and isinstance(side.value, float) for side in sides)
            bad = any(map(is_minor, sides)) and (mixed or isinstance(node.op, ast.Div))
        elif isinstance(node, ast.Call):
            bad = isinstance(node.func, ast.Name) and node.func.id == "float" and any(map(is_minor, node.args))
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            bad = node.name.endswith("_minor") and says_float(node.returns)
        if bad:
            line = getattr(node, "lineno", None) or node.value.lineno  # type: ignore[attr-defined]
            yield line, "float", "an amount in minor units is an int; divide with // or through kernel.money"


def lengths(tree: ast.Module, source: str) -> Iterator[tuple[int, str, str]]:
    """Rule `long`, counted from `def` to the last line of the body."""
    count = len(source.splitlines())
    if count > FILE_LINES:
        yield 1, "long", f"the file has {count} lines; {FILE_LINES} is the most"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = (node.end_lineno or node.lineno) - node.lineno + 1
            if size > FUNCTION_LINES:
                yield node.lineno, "long", f"{node.name} has {size} lines; {FUNCTION_LINES} is the most"


def chain(call: ast.Call) -> Iterator[ast.Call]:
    """The calls of `a(x).b(y).c(z)`, from the last to the first."""
    node: ast.AST = call
    while isinstance(node, ast.Call):
        yield node
        node = node.func.value if isinstance(node.func, ast.Attribute) else node.func


def opens_write(call: ast.Call, names: Names, verbs: set[str]) -> bool:
    """Whether this call is one of these verbs on the table: `update(sales_order)`, `sales_order.update()`."""
    verb = call.func.attr if isinstance(call.func, ast.Attribute) else names.full(call.func).rpartition(".")[2]
    if verb not in verbs:
        return False
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    candidates = [*call.args, *([owner] if owner is not None else [])]
    return any(names.full(part).rpartition(".")[2] == "sales_order" for part in candidates)


def columns_written(calls: list[ast.Call]) -> set[str] | None:
    """The columns that the `.values(...)` of a chain sets; None when they cannot be read from the source."""
    written: set[str] = set()
    values = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "values"]
    for call in values:
        for keyword in call.keywords:
            if keyword.arg is None:
                return None
            written.add(keyword.arg)
        for argument in call.args:
            if not isinstance(argument, ast.Dict):
                return None
            for key in argument.keys:
                if isinstance(key, ast.Constant):
                    written.add(str(key.value))
                elif isinstance(key, ast.Attribute):
                    written.add(key.attr)
                else:
                    return None
    return written if values else None


def statuses(tree: ast.AST, names: Names, path: Path) -> Iterator[tuple[int, str, str]]:
    """Rule `statuses`: writes through SQLAlchemy and in SQL text. Columns that cannot be read count as statuses."""
    verbs = CHANGING_VERBS if path.parts[2:4] == ("shop", "orders") else CHANGING_VERBS | INSERTING_VERBS
    seen: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            calls = list(chain(node))
            root = calls[-1]
            if id(root) in seen or not any(opens_write(call, names, verbs) for call in calls):
                continue
            seen.add(id(root))
            written = columns_written(calls)
            if written is None or written & STATUSES:
                yield node.lineno, "statuses", "the statuses of sales_order are changed by shop/orders/store.py alone"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and RAW_STATUS_WRITE.search(node.value):
            yield node.lineno, "statuses", "the statuses of sales_order are changed by shop/orders/store.py alone"


def verify_imports(names: Names) -> Iterator[tuple[int, str, str]]:
    """Rule `verify`: of the shop's packages, only tables and states."""
    for line, name in names.imports:
        parts = name.split(".")
        of_shop = parts[:2] == ["storekeep", "shop"] and parts[2:4] != ["reports", "verify"]
        if of_shop and not {"tables", "states"} & set(parts[3:5]):
            yield line, "verify", f"{name}: a check reads tables and states only"
        elif parts[:2] == ["storekeep", "flows"]:
            yield line, "verify", f"{name}: a check calls no story"


def check_source(source: str, path: Path) -> list[Finding]:
    """All findings in one file. `path` is relative to the project and decides which rules hold there."""
    tree = ast.parse(source, filename=str(path))
    names = Names(tree)
    parts = path.parts
    in_package = parts[:2] == ("src", "storekeep")
    wing = parts[2] if in_package and len(parts) > 2 else ""
    found: list[tuple[int, str, str]] = []
    if ast.get_docstring(tree) is None and (in_package or source.strip()):
        found.append((1, "docstring", "the module does not say what it is and why"))
    if in_package and wing != "migrations":
        found += lengths(tree, source)
        found += floats(tree)
        if parts[2:] != ("shop", "orders", "store.py"):
            found += statuses(tree, names, path)
    if wing in {"shop", "flows"}:
        found += ports(tree, names, path)
    if parts[2:5] == ("shop", "reports", "verify"):
        found += verify_imports(names)
    lines = source.splitlines()
    return sorted(
        (Finding(path, line, rule, message) for line, rule, message in found if not is_allowed(lines, line, rule)),
        key=lambda finding: (finding.line, finding.rule),
    )


def is_allowed(lines: list[str], line: int, rule: str) -> bool:
    """Whether the line carries `# lint: allow <rule>: <reason>`; an allowance without a reason does not count."""
    text = lines[line - 1] if 0 < line <= len(lines) else ""
    return re.search(rf"# lint: allow {rule}: \S+", text) is not None


def check_tree(root: Path) -> list[Finding]:
    """All findings under `src`, `tests` and `tools` of a project, in order of path and line."""
    findings: list[Finding] = []
    for top in ("src/storekeep", "tests", "tools"):
        for file in sorted((root / top).rglob("*.py")):
            findings += check_source(file.read_text(encoding="utf-8"), file.relative_to(root))
    return findings


def main(arguments: list[str]) -> int:
    """Prints what is found; 0 when the tree keeps its rules, 1 when it does not."""
    root = Path(arguments[0]) if arguments else Path(__file__).resolve().parent.parent
    findings = check_tree(root)
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    sys.stdout.write("own lints: " + (f"{len(findings)} found\n" if findings else "clean\n"))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
