# SPDX-License-Identifier: MIT
"""A terminal for tests: runs a program on a pseudo-terminal, keeps every byte it sends, and knows what the screen shows.

Three parts, usable alone:
  Screen    an emulator of what ncurses sends to xterm-like terminals. A sequence that it does not know is an error: the list of what it
            knows is the whitelist that hostile text is judged by.
  Job       a program in the foreground of a session of its own, as a shell would run it: it can be stopped, continued, hung up on.
  Terminal  both together, with waiting for conditions.

How Job works: the program must not be the leader of its session, or Ctrl-Z could not stop it. A holder process leads the session, puts the
program into the foreground and reports over a pipe when it stops or ends; the bytes written to it say when to continue it.
"""
import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
import unicodedata


class Unknown(Exception):
    """Bytes that no terminal of ours should be sent."""


class Screen:
    TOKEN = re.compile(
        rb"\x1b\[(?P<private>[?>]?)(?P<args>[0-9;:]*)(?P<final>[@-~])"
        rb"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
        rb"|\x1b(?P<esc>[()][AB0]|[=>78MDc])"
        rb"|(?P<control>[\x00-\x1a\x1c-\x1f])"
        rb"|(?P<text>[\x20-\x7e]+|(?:[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3})+)")
    INCOMPLETE = re.compile(rb"(?:\x1b(?:\[[?>]?[0-9;:]*|\][^\x07\x1b]*\x1b?|[()])?|[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})$")
    # Zero-width and direction-changing characters never reach a terminal; combining marks may.
    NEVER = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u00ad\u061c\u180e\ufe00-\ufe0f\x80-\x9f\U000e0000-\U000e01ef]")

    def __init__(self, cols, rows):
        self.modes = {25}          # DEC private modes that are set; 25: the cursor is visible
        self.osc = []              # operating system commands seen, as bytes
        self.colours = set()       # SGR parameters that ask for a colour
        self.clears = 0            # times the whole screen was cleared
        self.keypad = False
        self.attributes = False    # something other than plain text is selected
        self.left = b""
        self.resize(cols, rows)

    def resize(self, cols, rows):
        old = getattr(self, "cell", [])
        self.cols, self.rows = cols, rows
        self.cell = [[old[y][x] if y < len(old) and x < len(old[y]) else " " for x in range(cols)] for y in range(rows)]
        self.x = self.y = 0
        self.top, self.bottom = 0, rows - 1
        self.last = " "

    def line(self, y):
        return "".join(self.cell[y]).rstrip() if y < self.rows else ""

    def text(self):
        return "\n".join(self.line(y) for y in range(self.rows))

    def feed(self, data):
        data = self.left + data
        at = 0
        while at < len(data):
            m = self.TOKEN.match(data, at)
            if m is None:
                if self.INCOMPLETE.match(data, at):
                    break
                raise Unknown(repr(data[max(at - 30, 0):at + 30]))
            self.take(m)
            at = m.end()
        self.left = data[at:]

    def overwrite(self, data):
        """What somebody else writes to the same terminal: it may come in the midst of a sequence of the program's."""
        left, self.left = self.left, b""
        self.feed(data)
        self.left = left

    def take(self, m):
        kind = m.lastgroup
        if m.group("text") is not None:
            for ch in m.group("text").decode():
                self.put(ch)
        elif m.group("control") is not None:
            self.control(m.group("control"))
        elif m.group("osc") is not None:
            self.osc.append(m.group("osc"))
            if m.group("osc") != b"104" and not m.group("osc").startswith(b"52;c;"):  # the palette as it was; the clipboard
                raise Unknown("operating system command %r" % m.group("osc"))
        elif m.group("esc") is not None:
            esc = m.group("esc")
            if esc == b"M":
                self.y = max(self.y - 1, 0)
            elif esc in (b"=", b">"):
                self.keypad = esc == b"="
            elif esc not in (b"(B", b"(0", b")B", b")0", b"7", b"8"):
                raise Unknown("escape %r" % esc)
        elif kind:
            self.csi(m)

    def put(self, ch):
        if self.NEVER.match(ch):
            raise Unknown("character U+%04X" % ord(ch))
        if unicodedata.combining(ch):
            return
        width = 2 if unicodedata.east_asian_width(ch) in "WF" else 1
        if self.x + width > self.cols:  # xterm's pending wrap
            self.x, self.y = 0, min(self.y + 1, self.rows - 1)
        if self.y < self.rows and self.x < self.cols:
            self.cell[self.y][self.x] = ch
            if width == 2 and self.x + 1 < self.cols:
                self.cell[self.y][self.x + 1] = ""
        self.x += width
        self.last = ch

    def control(self, c):
        if c == b"\r":
            self.x = 0
        elif c == b"\n":
            self.y = min(self.y + 1, self.rows - 1)
        elif c == b"\b":
            self.x = max(min(self.x, self.cols) - 1, 0)
        elif c == b"\t":
            self.x = min((self.x // 8 + 1) * 8, self.cols - 1)
        elif c not in (b"\x0e", b"\x0f", b"\x00"):  # shift in and out; padding of old terminals
            raise Unknown("control character %r" % c)

    def clear(self, y0, x0, y1, x1):
        for y in range(y0, y1 + 1):
            for x in range(x0 if y == y0 else 0, (x1 if y == y1 else self.cols - 1) + 1):
                if 0 <= y < self.rows and 0 <= x < self.cols:
                    self.cell[y][x] = " "

    def scroll(self, top, n):
        for _ in range(min(n, self.rows)):
            self.cell.insert(self.bottom + 1, [" "] * self.cols)
            del self.cell[top]

    def unscroll(self, top, n):
        for _ in range(min(n, self.rows)):
            del self.cell[self.bottom]
            self.cell.insert(top, [" "] * self.cols)

    def csi(self, m):
        private, final = m.group("private"), m.group("final")
        words = re.split(rb"[;:]", m.group("args")) if m.group("args") else []
        args = [int(w or 0) for w in words]
        n = args[0] if args and args[0] > 0 else 1
        if private == b"?" and final in b"hl":
            self.modes.update(args) if final == b"h" else self.modes.difference_update(args)
            return
        if private == b">" or (private == b"?" and final not in b"hl"):
            raise Unknown("CSI %r%r%r" % (private, m.group("args"), final))
        if final == b"m":
            self.attributes = any(args)
            self.colours.update(a for a in args[:1] + args if 30 <= a <= 38 or 40 <= a <= 48 or 90 <= a <= 107)
        elif final in b"Hf":
            self.y = min(n, self.rows) - 1
            self.x = min(args[1] if len(args) > 1 and args[1] > 0 else 1, self.cols) - 1
        elif final == b"A":
            self.y = max(self.y - n, 0)
        elif final == b"B":
            self.y = min(self.y + n, self.rows - 1)
        elif final == b"C":
            self.x = min(self.x + n, self.cols - 1)
        elif final == b"D":
            self.x = max(min(self.x, self.cols - 1) - n, 0)
        elif final == b"G":
            self.x = min(n, self.cols) - 1
        elif final == b"d":
            self.y = min(n, self.rows) - 1
        elif final == b"J":
            if (args or [0])[0] == 2:
                self.clears += 1
                self.clear(0, 0, self.rows - 1, self.cols - 1)
            else:
                if self.x == self.y == 0:
                    self.clears += 1
                self.clear(self.y, self.x, self.rows - 1, self.cols - 1)
        elif final == b"K":
            kind = (args or [0])[0]
            self.clear(self.y, 0 if kind else self.x, self.y, self.x if kind == 1 else self.cols - 1)
        elif final == b"X":
            self.clear(self.y, self.x, self.y, min(self.x + n, self.cols) - 1)
        elif final == b"P":
            row = self.cell[self.y]
            del row[self.x:self.x + n]
            row.extend([" "] * (self.cols - len(row)))
        elif final == b"@":
            row = self.cell[self.y]
            row[self.x:self.x] = [" "] * n
            del row[self.cols:]
        elif final == b"b":
            for _ in range(n):
                self.put(self.last)
        elif final == b"r":
            self.top, self.bottom = (args[0] or 1) - 1 if args else 0, min((args[1] if len(args) > 1 else self.rows), self.rows) - 1
            self.x = self.y = 0
        elif final == b"M":
            self.scroll(self.y, n)
        elif final == b"L":
            self.unscroll(self.y, n)
        elif final == b"S":
            self.scroll(self.top, n)
        elif final == b"T":
            self.unscroll(self.top, n)
        elif final == b"l" or final == b"h":
            if args not in ([4], [34], [12]):  # insert mode, cursor shape
                raise Unknown("mode %r" % args)
        elif final == b"t":
            if args[:1] not in ([22], [23]):  # title stack
                raise Unknown("window operation %r" % args)
        else:
            raise Unknown("CSI %r %r" % (m.group("args"), final))


def set_size(fd, cols, rows):
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))


class Job:
    """argv in the foreground of a new session on a new pseudo-terminal."""

    def __init__(self, argv, cols=120, rows=40, env=None, typed=b"", ignore=()):
        self.master, slave = pty.openpty()
        set_size(self.master, cols, rows)
        self.before = termios.tcgetattr(slave)
        if typed:
            os.write(self.master, typed)
        report_r, report_w = os.pipe()
        order_r, order_w = os.pipe()
        environ = dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8", TZ="UTC")
        for name in ("NO_COLOR", "COLORTERM", "LINES", "COLUMNS", "ESCDELAY"):
            environ.pop(name, None)
        for name, value in (env or {}).items():
            environ.pop(name, None)
            if value is not None:
                environ[name] = value
        self.holder = os.fork()
        if self.holder == 0:
            os.close(self.master)
            try:
                hold(argv, slave, environ, report_w, order_r, (report_r, order_w), ignore)
            finally:
                os._exit(99)
        os.close(report_w)
        os.close(order_r)
        self.slave, self.report, self.order = slave, report_r, order_w
        self.pid = int(self.next_report(10)[4:])
        self.status = None

    def next_report(self, seconds):
        """The next line of the holder ("pid 123", "stopped", "ended 0"); "" when none came in time."""
        line = b""
        end = time.monotonic() + seconds
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([self.report], [], [], max(end - time.monotonic(), 0))
            if not ready:
                return ""
            byte = os.read(self.report, 1)
            if not byte:
                break
            line += byte
        return line.decode().strip()

    def modes(self):
        return termios.tcgetattr(self.slave)

    def go_on(self):
        os.write(self.order, b"c")

    def hang_up(self):
        os.close(self.slave)
        os.close(self.master)
        self.master = self.slave = -1

    def kill(self, sig):
        os.kill(self.pid, sig)

    def close(self):
        if self.status is None:
            try:
                os.kill(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for fd in (self.master, self.slave, self.report, self.order):
            if fd >= 0:
                os.close(fd)
        os.waitpid(self.holder, 0)


def hold(argv, slave, environ, report, order, close, ignore):
    for fd in close:
        os.close(fd)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(slave, os.getpid())
        for sig in (signal.SIGTTOU, signal.SIGHUP, signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(sig, signal.SIG_IGN if sig in ignore else signal.SIG_DFL)
        for fd in (0, 1, 2):
            os.dup2(slave, fd)
        os.closerange(3, 256)
        os.execve(argv[0], argv, environ)
    os.write(report, b"pid %d\n" % child)
    os.close(slave)
    while True:
        _, status = os.waitpid(child, os.WUNTRACED)
        if not os.WIFSTOPPED(status):
            break
        os.write(report, b"stopped\n")
        if not os.read(order, 1):
            break
        os.killpg(child, signal.SIGCONT)
    code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
    os.write(report, b"ended %d\n" % code)
    os._exit(0)


class Terminal:
    """A Job with a Screen; every read is kept in `log` as (monotonic seconds, bytes)."""

    def __init__(self, argv, cols=120, rows=40, **job):
        self.screen = Screen(cols, rows)
        self.log = []
        self.job = Job(argv, cols, rows, **job)
        self.started = time.monotonic()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.job.close()

    def bytes(self):
        return b"".join(data for _, data in self.log)

    def pump(self, seconds):
        """Reads what comes within the time; False once the terminal is closed from the other side."""
        ready, _, _ = select.select([self.job.master], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.job.master, 65536)
        except OSError as e:
            if e.errno != errno.EIO:
                raise
            return False
        self.log.append((time.monotonic(), data))
        self.screen.feed(data)
        return True

    def wait(self, what, condition, seconds=20):
        end = time.monotonic() + seconds
        while not condition():
            left = end - time.monotonic()
            if left <= 0 or self.ended():
                raise AssertionError("%s did not come; the screen:\n%s" % (what, self.screen.text()))
            self.pump(min(left, 0.05))

    def shows(self, pattern):
        return re.search(pattern, self.screen.text(), re.M) is not None

    def wait_for(self, pattern, seconds=20):
        self.wait("'%s'" % pattern, lambda: self.shows(pattern), seconds)

    def drain(self, seconds):
        """Reads until nothing has come for that long."""
        while True:
            count = len(self.log)
            if not self.pump(seconds) or len(self.log) == count:
                return

    def key(self, text):
        os.write(self.job.master, text.encode() if isinstance(text, str) else text)

    def resize(self, cols, rows):
        self.screen.resize(cols, rows)
        set_size(self.job.master, cols, rows)

    def ended(self):
        if self.job.status is None:
            ready, _, _ = select.select([self.job.report], [], [], 0)
            if ready:
                word, _, code = self.job.next_report(1).partition(" ")
                if word == "ended":
                    self.job.status = int(code)
                elif word == "":
                    self.job.status = 255
        return self.job.status is not None

    def wait_end(self, seconds=10):
        """The exit status (negative: the signal), with everything read that was sent before the end."""
        end = time.monotonic() + seconds
        while not self.ended() and time.monotonic() < end:
            if self.job.master >= 0:
                self.pump(0.02)
            else:
                time.sleep(0.005)
        if self.job.status is None:
            raise AssertionError("still running after %d s; the screen:\n%s" % (seconds, self.screen.text()))
        if self.job.master >= 0:
            self.drain(0)
        return self.job.status


ALTERNATE, CURSOR, MOUSE = 1049, 25, (1000, 1002, 1003, 1006)


def is_given_back(t):
    """What is wrong with the terminal after the program has ended; [] when it is as it was found."""
    wrong = []
    if t.job.modes() != t.job.before:
        wrong.append("its modes differ")
    if ALTERNATE in t.screen.modes:
        wrong.append("the alternate screen was not left")
    if CURSOR not in t.screen.modes:
        wrong.append("the cursor is hidden")
    if t.screen.keypad or 1 in t.screen.modes:
        wrong.append("the keypad sends application codes")
    if any(mode in t.screen.modes for mode in MOUSE) or 2004 in t.screen.modes or 2026 in t.screen.modes:
        wrong.append("modes are left on: %s" % sorted(t.screen.modes))
    if t.screen.attributes:
        wrong.append("colours or attributes are left on")
    return wrong
