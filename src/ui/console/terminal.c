/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sigaltstack and wide curses calls need more than POSIX.1-2008 */
#include "ui/console/terminal.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

struct terminal {
    SCREEN *screen;
    struct termios before;
    bool utf8, mouse, redraw;
    int32_t colors;
    int click_x, click_y;
    int gone_pipe[2];
};

/* Signal handlers can reach nothing else: the one terminal of the process, and where its modes were saved. */
static struct {
    volatile sig_atomic_t open;
    int wake_fd;
    struct termios before;
} handler_state;

/* Leaves the alternate screen, shows the cursor, resets colours, mouse, bracketed paste and keypad mode. */
static const char restore_text[] = "\033[?1000;1002;1003;1006l\033[?2004l\033[0m\033[?25h\033[?1l\033>\033[?1049l\r\n";

static void on_fatal(int sig)
{
    if (handler_state.open) {
        handler_state.open = 0;
        ssize_t n = write(STDOUT_FILENO, restore_text, sizeof restore_text - 1);
        (void)n;
        tcsetattr(STDIN_FILENO, TCSANOW, &handler_state.before);
    }
    signal(sig, SIG_DFL);
    raise(sig);
}

static void on_end(int sig)
{
    int saved = errno;
    char c = (char)sig;
    ssize_t n = write(handler_state.wake_fd, &c, 1);
    (void)n;
    errno = saved;
}

static void handle(int sig, void (*fn)(int), int flags)
{
    struct sigaction sa;
    memset(&sa, 0, sizeof sa);
    sa.sa_handler = fn;
    sa.sa_flags = flags;
    sigemptyset(&sa.sa_mask);
    sigaction(sig, &sa, NULL);
}

static void install_handlers(struct terminal *t)
{
    static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT, SIGSYS, SIGTRAP};
    static const int ending[] = {SIGINT, SIGTERM, SIGHUP};
    static char stack[64 * 1024]; /* a stack overflow must still restore the terminal */
    stack_t ss = {.ss_sp = stack, .ss_size = sizeof stack};

    sigaltstack(&ss, NULL);
    handler_state.before = t->before;
    handler_state.wake_fd = t->gone_pipe[1];
    handler_state.open = 1;
    for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++)
        handle(fatal[i], on_fatal, SA_ONSTACK);
    for (size_t i = 0; i < sizeof ending / sizeof *ending; i++)
        handle(ending[i], on_end, SA_RESTART);
    signal(SIGPIPE, SIG_IGN);
}

/* $TERM, then what nearly every emulator understands. newterm, unlike initscr, returns where a description is missing. */
static SCREEN *open_screen(void)
{
    const char *const tries[] = {getenv("TERM"), "xterm-256color", "xterm", "vt100"};
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        if (tries[i] == NULL || tries[i][0] == '\0')
            continue;
        SCREEN *s = newterm(tries[i], stdout, stdin);
        if (s != NULL)
            return s;
    }
    return NULL;
}

static void set_modes(struct terminal *t)
{
    cbreak();
    noecho();
    nonl();
    keypad(stdscr, TRUE);
    nodelay(stdscr, TRUE);
    intrflush(stdscr, FALSE);
    leaveok(stdscr, FALSE);
    curs_set(0);
    /* Long enough for a key's bytes on a bad link to arrive together, short enough that Esc feels like a key. */
    if (getenv("ESCDELAY") == NULL)
        set_escdelay(50);
    t->colors = 0;
    if (has_colors() && start_color() == OK) {
        use_default_colors();
        t->colors = COLORS;
    }
}

enum err terminal_open(struct terminal **ret, struct errctx *ctx)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return errctx_set(ctx, ERR_UNSUPPORTED, "the console needs a terminal; in scripts use `gwtop status`, `gwtop cost` or `gwtop --plain`");
    struct terminal *t = calloc(1, sizeof *t);
    if (t == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while opening the terminal");
    if (pipe(t->gone_pipe) != 0 || tcgetattr(STDIN_FILENO, &t->before) != 0) {
        free(t);
        return errctx_set(ctx, ERR_IO, "cannot prepare the terminal: %s", strerror(errno));
    }
    for (int i = 0; i < 2; i++) {
        fcntl(t->gone_pipe[i], F_SETFL, O_NONBLOCK);
        fcntl(t->gone_pipe[i], F_SETFD, FD_CLOEXEC);
    }
    setlocale(LC_CTYPE, "");
    t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    t->screen = open_screen();
    if (t->screen == NULL) {
        const char *term = getenv("TERM");
        close(t->gone_pipe[0]);
        close(t->gone_pipe[1]);
        free(t);
        return errctx_set(ctx, ERR_UNSUPPORTED, "the terminal type '%s' is not known here; try TERM=xterm, or `gwtop status`", term != NULL ? term : "");
    }
    set_modes(t);
    install_handlers(t);
    tcflush(STDIN_FILENO, TCIFLUSH);
    *ret = t;
    return ERR_OK;
}

void terminal_close(struct terminal *t)
{
    if (t == NULL)
        return;
    terminal_set_mouse(t, false);
    handler_state.open = 0;
    curs_set(1);
    endwin();
    delscreen(t->screen);
    tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
    close(t->gone_pipe[0]);
    close(t->gone_pipe[1]);
    free(t);
}

void terminal_size(const struct terminal *t, int *ret_cols, int *ret_rows)
{
    (void)t;
    *ret_cols = COLS;
    *ret_rows = LINES;
}

int32_t terminal_colors(const struct terminal *t)
{
    return t->colors;
}

bool terminal_is_utf8(const struct terminal *t)
{
    return t->utf8;
}

void terminal_set_mouse(struct terminal *t, bool on)
{
    if (on == t->mouse)
        return;
    t->mouse = on;
    mousemask(on ? BUTTON1_PRESSED | BUTTON4_PRESSED | BUTTON5_PRESSED : 0, NULL);
    mouseinterval(0);
}

static attr_t curses_attr(uint8_t attr)
{
    attr_t a = A_NORMAL;
    a |= attr & CELL_BOLD ? A_BOLD : 0;
    a |= attr & CELL_DIM ? A_DIM : 0;
    a |= attr & CELL_ITALIC ? A_ITALIC : 0;
    a |= attr & CELL_UNDERLINE ? A_UNDERLINE : 0;
    a |= attr & CELL_REVERSE ? A_REVERSE : 0;
    return a;
}

/* Curses numbers direct colours by their value, with 0..7 meaning the palette; the rest are palette indices. */
static int curses_color(theme_color c)
{
    if (c == THEME_DEFAULT)
        return -1;
    if (c & THEME_RGB) {
        int rgb = (int)(c & 0xffffff);
        return rgb < 8 ? 8 : rgb;
    }
    return (int)c;
}

static void put_cell(const struct terminal *t, const struct theme *theme, const struct cell *c, int x, int y)
{
    struct style st = theme_cell_style(theme, c, t->colors);
    wchar_t text[CELL_MARKS + 2] = {(wchar_t)c->rune};
    cchar_t out;
    int pair = 0;

    for (int i = 0; i < CELL_MARKS; i++)
        text[i + 1] = (wchar_t)c->mark[i];
    if (!t->utf8 && (c->rune > 0x7e || c->rune < 0x20))
        text[0] = L'?', text[1] = L'\0';
    if (t->colors >= 8 && (st.fg != THEME_DEFAULT || st.bg != THEME_DEFAULT)) {
        pair = alloc_pair(curses_color(st.fg), curses_color(st.bg));
        if (pair < 0)
            pair = 0;
    }
    if (setcchar(&out, text, curses_attr(st.attr), (short)(pair & 0x7fff), &pair) == OK)
        mvadd_wch(y, x, &out);
}

void terminal_show(struct terminal *t, const struct canvas *cv, const struct theme *theme, int cursor_x, int cursor_y)
{
    for (int y = 0; y < cv->rows && y < LINES; y++) {
        for (int x = 0; x < cv->cols && x < COLS; x++) {
            const struct cell *c = canvas_cell(cv, x, y);
            if (c->width > 0)
                put_cell(t, theme, c, x, y);
        }
    }
    if (t->redraw)
        clearok(curscr, TRUE);
    t->redraw = false;
    curs_set(cursor_x >= 0);
    if (cursor_x >= 0)
        wmove(stdscr, cursor_y, cursor_x);
    refresh();
}

void terminal_redraw(struct terminal *t)
{
    t->redraw = true;
}

static uint32_t mouse_key(struct terminal *t)
{
    MEVENT ev;
    if (getmouse(&ev) != OK)
        return KEY_NONE;
    t->click_x = ev.x;
    t->click_y = ev.y;
    if (ev.bstate & BUTTON4_PRESSED)
        return KEY_WHEEL_UP_;
    if (ev.bstate & BUTTON5_PRESSED)
        return KEY_WHEEL_DOWN_;
    return KEY_CLICK_;
}

static uint32_t named_key(struct terminal *t, wint_t k)
{
    static const struct { wint_t curses; uint32_t key; } names[] = {
        {KEY_UP, KEY_UP_}, {KEY_DOWN, KEY_DOWN_}, {KEY_LEFT, KEY_LEFT_}, {KEY_RIGHT, KEY_RIGHT_}, {KEY_HOME, KEY_HOME_},
        {KEY_END, KEY_END_}, {KEY_PPAGE, KEY_PGUP_}, {KEY_NPAGE, KEY_PGDN_}, {KEY_DC, KEY_DELETE_}, {KEY_BTAB, KEY_BACKTAB_},
        {KEY_BACKSPACE, KEY_BACKSPACE_}, {KEY_ENTER, KEY_ENTER_}, {KEY_RESIZE, KEY_RESIZED_},
    };
    if (k == KEY_MOUSE)
        return mouse_key(t);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].curses == k)
            return names[i].key;
    if (k >= KEY_F(1) && k <= KEY_F(12))
        return KEY_F1_ + (uint32_t)(k - KEY_F(1));
    return KEY_NONE;
}

/* Whether the other end of the terminal is still there; without this a lost connection would spin on end-of-file. */
static bool hung_up(const struct terminal *t)
{
    struct pollfd fds[2] = {{.fd = STDIN_FILENO, .events = POLLIN}, {.fd = t->gone_pipe[0], .events = POLLIN}};
    if (poll(fds, 2, 0) <= 0)
        return false;
    if ((fds[1].revents & POLLIN) || (fds[0].revents & (POLLHUP | POLLERR | POLLNVAL)))
        return true;
    int waiting = 0;
    return (fds[0].revents & POLLIN) && ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting == 0;
}

uint32_t terminal_key(struct terminal *t)
{
    wint_t k;
    int got = get_wch(&k);

    if (got == KEY_CODE_YES)
        return named_key(t, k);
    if (got == ERR)
        return hung_up(t) ? (uint32_t)KEY_GONE_ : (uint32_t)KEY_NONE;
    if (k == '\n')
        return KEY_ENTER_;
    if (k == 8)
        return KEY_BACKSPACE_;
    return (uint32_t)k;
}

void terminal_click(const struct terminal *t, int *ret_x, int *ret_y)
{
    *ret_x = t->click_x;
    *ret_y = t->click_y;
}

int terminal_fd(const struct terminal *t)
{
    (void)t;
    return STDIN_FILENO;
}

int terminal_signal_fd(const struct terminal *t)
{
    return t->gone_pipe[0];
}

enum { COPY_MAX = 64 * 1024 };

bool terminal_copy(struct terminal *t, struct str text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (void)t;
    if (text.n > COPY_MAX)
        return false;
    fputs("\033]52;c;", stdout);
    for (size_t i = 0; i < text.n; i += 3) {
        uint32_t v = (uint32_t)(unsigned char)text.p[i] << 16;
        v |= i + 1 < text.n ? (uint32_t)(unsigned char)text.p[i + 1] << 8 : 0;
        v |= i + 2 < text.n ? (uint32_t)(unsigned char)text.p[i + 2] : 0;
        putchar(digits[v >> 18]);
        putchar(digits[v >> 12 & 63]);
        putchar(i + 1 < text.n ? digits[v >> 6 & 63] : '=');
        putchar(i + 2 < text.n ? digits[v & 63] : '=');
    }
    fputs("\a", stdout);
    fflush(stdout);
    return true;
}
