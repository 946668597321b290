"""Attempts to break out of the sandbox: each must fail, against all layers and against some alone.

Every attempt returns True if it succeeded, so that any passed verdict is an escape.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hppt_lib.sandbox import lockdown, rules
from tests import ROOT

pytestmark = pytest.mark.slow

if lockdown.missing():
    pytest.skip(str(lockdown.missing()), allow_module_level=True)


def body(*lines: str) -> str:
    return "def check_following(instruction, response):\n" + "".join(
        f"    {each}\n" for each in lines
    )


class Layers:
    """The harness of locked_layers.py, started once for all attempts."""

    def __init__(self) -> None:
        script = ROOT / "tests" / "helpers" / "locked_layers.py"
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", str(script), str(ROOT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def __call__(self, layers: str, source: str) -> tuple[str, str]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps({"layers": layers, "source": source}) + "\n")
        self.process.stdin.flush()
        code, reason = json.loads(self.process.stdout.readline())
        return code, reason


@pytest.fixture(scope="module")
def layers() -> Iterator[Layers]:
    harness = Layers()
    yield harness
    harness.process.kill()
    harness.process.wait()


# --- 1. In Python: ways from a value to the interpreter behind it -------------------------------

TRICKS = {
    # names and builtins
    "open": body("return bool(open('/etc/passwd').read())"),
    "eval": body("return eval('True')"),
    "exec": body("exec('x = 1')", "return True"),
    "compile": body("return bool(compile('1', '', 'eval'))"),
    "getattr": body("return bool(getattr(response, '__class__'))"),
    "getattr pieces": body("return bool(getattr(response, '__cla' + 'ss__'))"),
    "setattr": body("setattr(check_following, 'x', 1)", "return True"),
    "vars": body("return bool(vars())"),
    "globals": body("return bool(globals())"),
    "locals": body("return bool(locals())"),
    "dir": body("return bool(dir(response))"),
    "input": body("return input() == ''"),
    "breakpoint": body("breakpoint()", "return True"),
    "exit": body("exit(0)"),
    "quit in builtins": body("return bool(__builtins__)"),
    "__import__": body("return bool(__import__('os').environ)"),
    "__loader__": body("return bool(__loader__)"),
    "__spec__": body("return bool(__spec__)"),
    "object": body("return bool(object)"),
    "classmethod": body("return bool(classmethod)"),
    "memoryview": body("return bool(memoryview(b'x'))"),
    "BaseException": body("return bool(BaseException)"),
    # imports
    "import os": "import os\n" + body("return bool(os.environ is not None)"),
    "import inside": body("import subprocess", "return True"),
    "import as": "import os as re\n" + body("return bool(re.getcwd())"),
    "import dotted": "import collections.abc\n" + body("return True"),
    "from os": "from os import system\n" + body("return True"),
    "relative import": "from . import server\n" + body("return True"),
    "star import": "from re import *\n" + body("return True"),
    "from re import enum": "from re import enum\n" + body("return bool(enum.sys)"),
    "from re import private": "from re import _compiler\n" + body("return True"),
    "import ctypes": "import ctypes\n" + body("return True"),
    "import builtins": "import builtins\n" + body("return True"),
    "import operator": "import operator\n" + body("return bool(operator.attrgetter('__class__'))"),
    "import inspect": "import inspect\n" + body("return True"),
    "import gc": "import gc\n" + body("return bool(gc.get_objects())"),
    "import signal": "import signal\n" + body("return True"),
    "import atexit": "import atexit\n" + body("return True"),
    "import main": "import __main__\n" + body("return True"),
    "import hppt_lib": "import hppt_lib.sandbox.server\n" + body("return True"),
    "import the runner's modules": "import server\n" + body("return True"),
    # modules by way of modules
    "re.enum.sys": "import re\n" + body("return bool(re.enum.sys.modules['os'])"),
    "re._compiler": "import re\n" + body("return bool(re._compiler)"),
    "re.functools": "import re\n" + body("return bool(re.functools)"),
    "re.copyreg": "import re\n" + body("return bool(re.copyreg)"),
    "json.decoder.scanner": "import json\n" + body("return bool(json.decoder.scanner)"),
    "json.codecs": "import json\n" + body("return bool(json.codecs.open)"),
    "collections._sys": "import collections\n" + body("return bool(collections._sys)"),
    "collections.abc.sys": "import collections\n" + body("return bool(collections.abc.sys)"),
    "collections.namedtuple": "import collections\n" + body("return bool(collections.namedtuple)"),
    "string.Formatter": "import string\n"
    + body("return bool(string.Formatter().get_field('0.__class__', ('x',), {}))"),
    "string.Template": "import string\n" + body("return bool(string.Template)"),
    "string._re": "import string\n" + body("return bool(string._re)"),
    "typing.sys": "import typing\n" + body("return bool(typing.sys)"),
    "typing.get_type_hints": "import typing\n" + body("return bool(typing.get_type_hints)"),
    "functools.wraps": "import functools\n" + body("return bool(functools.wraps(response))"),
    "datetime.sys": "import datetime\n" + body("return bool(datetime.sys)"),
    "module globals": "import re\n" + body("return bool(re.sub.__globals__)"),
    # attributes
    "subclasses": body("return bool(().__class__.__base__.__subclasses__())"),
    "mro": body("return bool(type('').mro()[1])"),
    "mangled": body("return bool(response._x)"),
    "function globals": body("return bool(check_following.__globals__)"),
    "function code": body("return bool((lambda: 0).__code__)"),
    "builtin self": body("return bool(len.__self__)"),
    "generator frame": body("g = (x for x in [1])", "return bool(g.gi_frame)"),
    "generator code": body("def g(): yield 1", "return bool(g().gi_code)"),
    "frame back": body("g = (x for x in [1])", "return bool(g.gi_frame.f_back)"),
    "traceback": body(
        "try: 1 / 0",
        "except Exception as e: return bool(e.__traceback__.tb_frame.f_globals)",
    ),
    "with_traceback": body(
        "try: 1 / 0", "except Exception as e: return bool(e.with_traceback(None))"
    ),
    "tb attribute": body("return bool(response.tb_frame)"),
    "coroutine frame": body("return bool(response.cr_frame)"),
    "str.format": body("return 'class' in '{0.__class__}'.format(response)"),
    "str.format index": body("return 'x' in '{0[0]}'.format(response)"),
    "str.format in the spec": body("return 'x' in '{0:{1.__class__}}'.format(response, 1)"),
    "format of a variable": body(
        "t = '{0.__cla' + 'ss__}'", "return 'class' in t.format(response)"
    ),
    "unbound format": body("return 'class' in str.format('{0.__class__}', response)"),
    "mapped format": body("return bool(list(map(str.format, ['{0.__class__}'], [1])))"),
    "format_map": body("return bool('{x.__class__}'.format_map({'x': 1}))"),
    "f-string": body("return 'class' in f'{response.__class__}'"),
    "f-string in the spec": body("return bool(f'{1:{response.__class__}}')"),
    "match": body(
        "match response:",
        "    case str(__class__=c): return bool(c)",
        "return False",
    ),
    "class": "class A:\n    def __bool__(self): return True\n" + body("return A()"),
    "class in a class body": body("class A: x = [].append", "return True"),
    "metaclass": "class A(type): pass\n" + body("return True"),
    "type of three": body("return bool(type('A', (), {}))"),
    "type of three by star": body("return bool(type(*['A', (), {}]))"),
    "decorator": "@print\n" + body("return True"),
    "decorator that calls": "@(lambda f: open)\n" + body("return True"),
    "lambda default": body("f = lambda x=__builtins__: x", "return bool(f())"),
    "annotation": body("x: open('/etc/passwd') = 1", "return x == 2"),
    "default argument": "def check_following(i, r, x=open): return True\n",
    "dunder argument": "def check_following(i, r, __x=1): return True\n",
    "dunder keyword": body("return bool(dict(__class__=1))"),
    "global dunder": body("global __builtins__", "__builtins__ = {}", "return True"),
    "except as dunder": body("try: 1 / 0", "except Exception as __x: return True"),
    "walrus dunder": body("return bool(__name__)"),
    "import as dunder": "import re as __re\n" + body("return True"),
    "async": "async " + body("return True"),
    "await": body("async def f(): await f()", "return bool(f())"),
    "with": body("with response: pass", "return True"),
    "except star": body("try: 1 / 0", "except* Exception: return True", "return False"),
    # patching what is there
    "patch a module": "import re\n" + body("re.search = None", "return True"),
    "patch print": body("print.x = 1", "return True"),
    "delete from a module": "import json\n" + body("del json.loads", "return True"),
    "patch in a loop": "import re\n" + body("for re.x in [1]: pass", "return True"),
    "patch by walrus": "import re\n" + body("[0 for re.x in [1]]", "return True"),
    "patch by except": body("try: 1/0", "except Exception as e: e.args = ()", "return True"),
    "unicode dunder": body("return bool(response.＿＿class＿＿)"),
    "unicode name": body("return bool(ｏｐｅｎ('/etc/passwd'))"),
    "null byte": body("return True") + "\0import os",
    "coding cookie": "# coding: unicode_escape\n# \\u000aimport os\n" + body("return os"),
    "form feed": "\x0cimport os\n" + body("return True"),
}


@pytest.mark.parametrize("name", TRICKS)
def test_no_trick_passes_all_layers(name: str, layers: Layers) -> None:
    code, reason = layers("all", TRICKS[name])
    assert code != "P", name
    assert reason or code == "F"


# What the second layer must stop by itself, should the rules for source miss something. What needs
# attributes with underscores is stopped by the rules, and behind them by the kernel's layer only.
WITHOUT_RULES = [
    name
    for name, source in TRICKS.items()
    if "__" not in source and "＿" not in source and "._" not in source
]
HARMLESS = {  # things that the rules refuse, but which give no access to anything
    "import as", "str.format index", "tb attribute", "coroutine frame", "patch a module",
    "delete from a module", "patch in a loop", "patch by walrus", "patch by except",
    "generator frame", "generator code", "mro", "with_traceback", "frame back",
    "import dotted", "decorator", "except star", "form feed", "star import", "patch print",
}  # fmt: skip


@pytest.mark.parametrize("name", [each for each in WITHOUT_RULES if each not in HARMLESS])
def test_the_builtins_and_modules_hold_without_the_rules(name: str, layers: Layers) -> None:
    """Mistake: one layer does all the work, and a hole in it is a hole in the sandbox."""
    assert layers("no rules", TRICKS[name])[0] != "P", name


# A hole in both the rules and the builtins: what lies behind it is stopped all the same.
CHAINS = {
    "subclasses to os.system": body(
        "all = ().__class__.__base__.__subclasses__()",
        "found = [each for each in all if each.__name__ == '_wrap_close']",
        "return found[0].__init__.__globals__['system']('true') == 0",
    ),
    "a module's builtins to open": "import re\n"
    + body("return bool(re.sub.__globals__['__builtins__']['open']('/etc/passwd').read())"),
    "a module's builtins to import": "import json\n"
    + body("return bool(json.loads.__globals__['__builtins__']['__import__']('ftplib'))"),
    "re.enum.sys to the runner": "import re\n"
    + body(
        "runner = re.sub.__globals__['enum'].sys.modules['hppt_lib.sandbox.server']",
        "return runner.os.kill(runner.os.getppid(), 9) is None",
    ),
    "a frame to the runner": body(
        "try: 1 / 0",
        "except Exception as e: frame = e.__traceback__.tb_frame.f_back",
        "while frame.f_back: frame = frame.f_back",
        "return frame.f_globals['os'].fork() >= 0",
    ),
    "a new code object": body(
        "f = lambda: 0",
        "f.__code__ = f.__code__.replace(co_consts=(None, True))",
        "return f()",
    ),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_hole_in_python_ends_at_the_hook_or_the_kernel(name: str, layers: Layers) -> None:
    assert layers("all", CHAINS[name])[0] == "R"
    code, reason = layers("no rules", CHAINS[name])
    assert code == "N"
    assert reason.startswith("it tried"), reason


# --- 2. Whole Python: the kernel's layer, and the audit hook ------------------------------------


def whole_python(folder: Path, port: int) -> dict[str, str]:
    """Attempts with all of Python at hand; True if they succeed. ``folder`` is open to all."""
    here = str(folder)
    return {
        "read a file": body("return bool(open('/etc/passwd').read())"),
        "read by descriptor": body("import os", "return bool(os.read(1, 1) or True)"),
        "os.open": body("import os", "return os.open('/etc/passwd', os.O_RDONLY) >= 0"),
        "/proc": body("return bool(open('/proc/self/status').read())"),
        "write a file": body(f"return bool(open({here + '/written'!r}, 'w').write('x'))"),
        "make a folder": body("import os", f"os.mkdir({here + '/made'!r})", "return True"),
        "list a folder": body("import os", "return bool(os.listdir('/'))"),
        "stat": body("import os", "return bool(os.stat('/'))"),
        "rename": body(
            "import os", f"os.rename({here + '/kept'!r}, {here + '/gone'!r})", "return True"
        ),
        "connect": body(
            "import socket",
            f"s = socket.create_connection(('127.0.0.1', {port}), 1)",
            "s.send(b'x')",
            "return True",
        ),
        "listen": body("import socket", "s = socket.socket()", "s.listen()", "return True"),
        "udp": body(
            "import socket",
            "s = socket.socket(type=socket.SOCK_DGRAM)",
            f"return s.sendto(b'x', ('127.0.0.1', {port})) == 1",
        ),
        "socket pair": body("import socket", "return bool(socket.socketpair())"),
        "subprocess": body(
            "import subprocess", "return subprocess.run(['/bin/true']).returncode == 0"
        ),
        "os.system": body("import os", "return os.system('true') == 0"),
        "execve": body("import os", "os.execv('/bin/true', ['true'])"),
        "fork": body("import os", "if not os.fork(): os._exit(0)", "return True"),
        "thread": body(
            "import threading",
            "t = threading.Thread(target=lambda: None)",
            "t.start()",
            "t.join()",
            "return True",
        ),
        "kill the parent": body("import os", "os.kill(os.getppid(), 0)", "return True"),
        "raise a signal": body(
            "import signal", "signal.raise_signal(signal.SIGUSR1)", "return True"
        ),
        "handle a signal": body(
            "import signal", "signal.signal(signal.SIGXCPU, signal.SIG_IGN)", "return True"
        ),
        "alarm": body("import signal", "signal.alarm(100)", "return True"),
        "raise the limits": body(
            "import resource",
            "resource.setrlimit(resource.RLIMIT_CPU, (9, 9))",
            "return True",
        ),
        "anonymous file": body("import os", "return os.memfd_create('x') >= 0"),
        "pipe": body("import os", "return bool(os.pipe())"),
        "dup": body("import os", "return os.dup(3) >= 0"),
        "process id": body("import os", "return os.getpid() > 0"),
        "chdir": body("import os", "os.chdir('/')", "return True"),
        "setuid": body("import os", "os.setuid(os.getuid())", "return True"),
        "executable memory": body(
            "import mmap",
            "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
            "return True",
        ),
        "shared memory": body(
            "import ctypes", "return ctypes.CDLL(None).shmget(0, 4096, 0o1600) >= 0"
        ),
        "ptrace": body("import ctypes", "return ctypes.CDLL(None).ptrace(0, 0, 0, 0) == 0"),
        "io_uring": body("import ctypes", "return ctypes.CDLL(None).syscall(425, 1, 0) is None"),
        "native open": body(
            "import ctypes", "return ctypes.CDLL(None).open(b'/etc/passwd', 0) >= 0"
        ),
        "sleep": body("import time", "time.sleep(0.01)", "return True"),
        "write elsewhere": body("import os", "return os.write(1, b'P') == 1"),
    }


MAY_FAIL_UNLOCKED = {  # needs what the harness, which is not root, may not have anyway
    "execve", "io_uring", "ptrace", "rename", "read by descriptor", "raise a signal",
    "write elsewhere",
}  # fmt: skip
HOOK_SEES = {  # Python audits no more than this; the kernel's layer stops the rest
    "read a file", "os.open", "/proc", "write a file", "make a folder", "list a folder",
    "rename", "connect", "subprocess", "os.system", "execve", "fork", "kill the parent",
    "raise the limits", "listen", "udp", "socket pair", "chdir",
}  # fmt: skip


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, int, list[str]]]:
    """A folder that all may write to, a port that listens, and what was heard there."""
    folder = Path("/tmp") / f"hppt-sandbox-{os.getpid()}"  # pytest's own folders are private
    folder.mkdir()
    folder.chmod(0o777)
    (folder / "kept").write_text("x")
    heard: list[str] = []
    server = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            heard.append("connected")
            connection.close()

    threading.Thread(target=listen, daemon=True).start()
    yield folder, server.getsockname()[1], heard
    server.close()
    for each in folder.iterdir():
        each.rmdir() if each.is_dir() else each.unlink()
    folder.rmdir()


NAMES = list(whole_python(Path("/"), 0))


@pytest.mark.parametrize("name", NAMES)
def test_the_kernel_stops_whole_python(
    name: str, layers: Layers, outside: tuple[Path, int, list[str]]
) -> None:
    """Mistake: the sandbox is as good as our list of tricks in Python."""
    folder, port, heard = outside
    before = sorted(folder.iterdir())
    code, _ = layers("kernel", whole_python(folder, port)[name])
    assert code != "P"
    assert sorted(folder.iterdir()) == before
    assert heard == []


@pytest.mark.parametrize("name", sorted(HOOK_SEES))
def test_the_audit_hook_stops_whole_python(
    name: str, layers: Layers, outside: tuple[Path, int, list[str]]
) -> None:
    folder, port, heard = outside
    before = sorted(folder.iterdir())
    code, reason = layers("audit", whole_python(folder, port)[name])
    assert (code, reason.startswith("it tried ")) == ("N", True), reason
    assert sorted(folder.iterdir()) == before
    assert heard == []


def test_the_attempts_succeed_where_nothing_is_locked(
    layers: Layers, outside: tuple[Path, int, list[str]]
) -> None:
    """Mistake: an attempt that could never succeed, so that its failing shows nothing."""
    folder, port, heard = outside
    for name, source in whole_python(folder, port).items():
        if name not in MAY_FAIL_UNLOCKED:
            code, reason = layers("none", source)
            assert code == "P", (name, reason)
    assert heard == ["connected"]
    heard.clear()
    for each in ("written", "made"):
        path = folder / each
        path.rmdir() if path.is_dir() else path.unlink()


# --- 3. Using things up, and forging a verdict --------------------------------------------------

GREEDY = {
    "endless loop": body("while True: pass"),
    "endless generator": "import itertools\n" + body("return sum(itertools.count()) > 0"),
    "memory": body("x = [0]", "while True: x += x"),
    "memory at once": body("return len(bytes(10 ** 11)) > 0"),
    "long text": body("return len('x' * 10 ** 11) > 0"),
    "recursion": body("return check_following(instruction, response)"),
    "recursion caught": body(
        "def f():", "    try: return f()", "    except Exception: return f()", "return f()"
    ),
    "huge number": body("return 9 ** 9 ** 9 > 0"),
    "huge number as text": body("return len(str(10 ** 10 ** 6)) > 0"),
    "huge shift": body("return (1 << 10 ** 12) > 0"),
    "regex": "import re\n" + body("return bool(re.match('(a+)+$', 'a' * 60 + 'b')) or True"),
    "regex in a format": body("return len('%999999999999d' % 1) > 0"),
    "deep list": body("x = []", "for _ in range(10 ** 6): x = [x]", "return repr(x) == ''"),
    "deep json": "import json\n" + body("return bool(json.loads('[' * 10 ** 6))"),
    "much printed": body("while True: print('x' * 10 ** 6)"),
    "exhausted hashing": body("return bool({2 ** 61 * i: 1 for i in range(10 ** 5)}) and 1"),
    "many iterators": body(
        "x = iter([1])", "for _ in range(10 ** 6): x = map(abs, x)", "return list(x) == [1]"
    ),
    "many filters deleted": body(
        "x = iter([])", "for _ in range(10 ** 6): x = filter(None, x)", "x = 1", "return 1"
    ),
}


@pytest.mark.parametrize("name", GREEDY)
def test_what_uses_too_much_gives_no_verdict(name: str, layers: Layers) -> None:
    code, reason = layers("all", GREEDY[name])
    assert code == ("T" if reason.startswith("it took more") else "N"), (code, reason)
    assert reason


@pytest.mark.parametrize("kind", ["fork", "thread"])
def test_a_bomb_of_processes_leaves_none(kind: str, layers: Layers) -> None:
    bomb = {
        "fork": body("import os", "while True: os.fork()"),
        "thread": body(
            "import threading",
            "while True: threading.Thread(target=lambda: threading.Event().wait(9)).start()",
        ),
    }
    assert layers("kernel", bomb[kind])[0] == "N"
    assert psutil.Process(layers.process.pid).children(recursive=True) == []


FORGERIES = {
    "print": body("print('P')", "raise ValueError"),
    "print a line of the protocol": body('print(\'{"code": "P", "reason": ""}\')', "return 1"),
    "an object that is true": body("return [1]"),
    "an exception named P": body("raise KeyError('P')"),
}
FORGERIES_OF_WHOLE_PYTHON = {
    "another descriptor": body(
        "import os",
        "for fd in [*range(3), *range(4, 300)]:",
        "    try: os.write(fd, b'P')",
        "    except OSError: pass",
        "return None",
    ),
    "two verdicts": body("import os", "os.write(3, b'P')", "return True"),
    "two lines": body("import os", "os.write(3, b'P\\nP\\n')", "os._exit(0)"),
    "no line": body("import os", "os.write(3, b'P')", "os._exit(0)"),
    "a verdict and more": body("import os", "os.write(3, b'P so there')", "os._exit(0)"),
    "a long verdict": body("import os", "os.write(3, b'P' * 10000)", "os._exit(0)"),
    "a flood": body("import os", "while True: os.write(3, b'P' * 65536)"),
    "a verdict and a crash": body("import os", "os.write(3, b'P')", "os._exit(1)"),
    "a verdict and a signal": body("import os", "os.write(3, b'P')", "os.abort()"),
    "a verdict and no end": body("import os", "os.write(3, b'P')", "while True: pass"),
    "no verdict": body("import os", "os._exit(0)"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_what_a_checker_prints_or_raises_is_no_verdict(name: str, layers: Layers) -> None:
    assert layers("all", FORGERIES[name])[0] == "N"


@pytest.mark.parametrize("name", FORGERIES_OF_WHOLE_PYTHON)
def test_what_is_not_one_line_with_a_verdict_counts_for_nothing(name: str, layers: Layers) -> None:
    """Mistake: the first P that is read is believed, whatever comes with it."""
    assert layers("kernel", FORGERIES_OF_WHOLE_PYTHON[name])[0] != "P"


def test_the_harness_passes_what_is_in_order(layers: Layers) -> None:
    for each in ("all", "no rules", "kernel", "audit", "none"):
        assert layers(each, body("return response == 'x'"))[0] == "P", each


def test_the_environment_and_the_arguments_are_not_there(layers: Layers) -> None:
    """Mistake: a token of the hub in the environment of whatever a checker gets to."""
    from hppt_lib.sandbox import run as sandbox

    os.environ["HPPT_SECRET"] = "1"
    child = sandbox._Child()
    try:
        process = psutil.Process(child._process.pid)
        found = dict(process.environ())
        descriptors = process.num_fds()
    finally:
        child.end()
        del os.environ["HPPT_SECRET"]
    assert found == {"PYTHONHASHSEED": "0"}
    assert descriptors <= 4  # standard input, output, error


def test_every_name_that_is_handed_over_exists_and_is_no_module() -> None:
    """Mistake: a module among a module's public names, as `re.enum` is."""
    import types

    for name, module in rules._modules().items():
        for attribute, value in vars(module).items():
            assert not isinstance(value, types.ModuleType), (name, attribute)
