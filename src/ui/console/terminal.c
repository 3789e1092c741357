/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* wide curses calls, TIOCGWINSZ and FIONREAD need more than POSIX.1-2008 */
#include "ui/console/terminal.h"

#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

#include "ui/console/signals.h"

struct terminal {
    SCREEN *screen;
    WINDOW *keys; /* a pad to read keys through: reading through a window would refresh it */
    struct termios before;
    bool utf8, blocks, clipboard, mouse, shown_once, repaint;
    int32_t colors;
    int click_x, click_y;
    struct canvas shown; /* the last frame */
};

/* What this system knows of a terminal of that name: nothing, or whether it can place text anywhere on a screen. */
enum description { DESCRIBED_NOT, DESCRIBED_PAPER, DESCRIBED_SCREEN };
static enum description describe(const char *name)
{
    int found = 0;
    if (setupterm(name, STDOUT_FILENO, &found) != OK)
        return found == 1 ? DESCRIBED_PAPER : DESCRIBED_NOT;
    enum description d = cursor_address != NULL && clear_screen != NULL ? DESCRIBED_SCREEN : DESCRIBED_PAPER;
    del_curterm(cur_term);
    return d;
}

/* newterm, unlike initscr, returns where a description is missing. An emulator whose description this system lacks is nearly always one
 * that understands xterm's sequences; a terminal that calls itself dumb or unknown, or nothing at all, is taken at its word. */
static SCREEN *open_screen(struct errctx *ctx)
{
    const char *term = getenv("TERM");
    const char *const tries[] = {term, "xterm-256color", "xterm", "vt100"};

    if (term == NULL || term[0] == '\0' || strcmp(term, "unknown") == 0 || describe(term) == DESCRIBED_PAPER) {
        (void)errctx_set(
            ctx, ERR_UNSUPPORTED,
            "the terminal type '%.64s' cannot place text on a screen; set TERM to what the terminal is, or use `gwtop --plain`",
            term != NULL ? term : "");
        return NULL;
    }
    use_env(FALSE); /* LINES and COLUMNS would freeze the size: take_size asks the terminal itself */
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        SCREEN *s = describe(tries[i]) == DESCRIBED_SCREEN ? newterm(tries[i], stdout, stdin) : NULL;
        if (s != NULL)
            return s;
    }
    (void)errctx_set(ctx, ERR_UNSUPPORTED,
                     "the terminal type '%.64s' is not known here, nor are xterm and vt100; install ncurses-base, or use `gwtop --plain`",
                     term);
    return NULL;
}

static void take_size(void)
{
    struct winsize ws;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) != 0 || ws.ws_col == 0 || ws.ws_row == 0)
        return; /* a serial line knows no size: the description's stays */
    int cols = ws.ws_col < CANVAS_SIDE_MAX ? ws.ws_col : CANVAS_SIDE_MAX, rows = ws.ws_row < CANVAS_SIDE_MAX ? ws.ws_row : CANVAS_SIDE_MAX;
    if (cols != COLS || rows != LINES)
        resizeterm(rows, cols);
}

/* Bracketed paste: the terminal puts ESC [ 200 ~ and ESC [ 201 ~ around what is pasted, so that no line of it is taken for keys. Those that
 * cannot ignore it. */
enum { CODE_PASTE_BEGIN = KEY_MAX + 1, CODE_PASTE_END };

static void set_paste(bool on)
{
    fputs(on ? "\033[?2004h" : "\033[?2004l", stdout);
    fflush(stdout);
}

static void set_modes(struct terminal *t, bool color)
{
    const char *term = getenv("TERM"), *copies = tigetstr("Ms");
    cbreak();
    noecho();
    nonl();
    keypad(t->keys, TRUE);
    nodelay(t->keys, TRUE);
    (void)define_key("\033[200~", CODE_PASTE_BEGIN);
    (void)define_key("\033[201~", CODE_PASTE_END);
    intrflush(stdscr, FALSE);
    leaveok(stdscr, curs_set(0) != ERR);
    /* Long enough for a key's bytes on a bad link to arrive together, short enough that Esc feels like a key. */
    if (getenv("ESCDELAY") == NULL)
        set_escdelay(50);
    if (color && has_colors() && start_color() == OK) {
        use_default_colors();
        t->colors = COLORS;
    }
    /* screen(1)'s description names no clipboard, and is what many a tmux says it is. */
    t->clipboard = (copies != NULL && copies != (char *)-1) || strncmp(term, "screen", 6) == 0;
    t->blocks = t->utf8 && strncmp(term, "linux", 5) != 0; /* the kernel's font has half blocks only */
}

enum err terminal_open(struct terminal **ret, bool color, struct errctx *ctx)
{
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return errctx_set(
            ctx, ERR_UNSUPPORTED,
            "the console needs a terminal on its input and output; `gwtop --plain` prints it as lines, and `gwtop status` answers scripts");
    struct terminal *t = calloc(1, sizeof *t);
    if (t == NULL)
        return errctx_set(ctx, ERR_NOMEM, "out of memory while opening the terminal");
    enum err e = tcgetattr(STDIN_FILENO, &t->before) == 0
                     ? ERR_OK
                     : errctx_set(ctx, ERR_IO, "cannot read the terminal's modes: %s", strerror(errno));
    setlocale(LC_CTYPE, "");
    t->utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
    canvas_init(&t->shown);
    if (e == ERR_OK) /* before anything is changed: a signal may come right after */
        e = signals_open(&t->before, ctx);
    if (e == ERR_OK && (t->screen = open_screen(ctx)) == NULL)
        e = ERR_UNSUPPORTED;
    if (e == ERR_OK && (t->keys = newpad(1, 1)) == NULL)
        e = errctx_set(ctx, ERR_NOMEM, "out of memory while opening the terminal");
    if (e == ERR_OK) {
        set_modes(t, color);
        take_size();
    } else {
        terminal_close(t);
        return e;
    }
    t->repaint = true;
    *ret = t;
    return ERR_OK;
}

void terminal_close(struct terminal *t)
{
    if (t == NULL)
        return;
    if (t->screen != NULL) {
        terminal_set_mouse(t, false);
        set_paste(false);
        if (t->keys != NULL)
            delwin(t->keys);
        endwin();
        delscreen(t->screen);
        tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
    }
    signals_close();
    canvas_fini(&t->shown);
    free(t);
}

void terminal_size(const struct terminal *t, int *ret_cols, int *ret_rows)
{
    (void)t;
    *ret_cols = COLS;
    *ret_rows = LINES;
}

void terminal_resize(struct terminal *t)
{
    take_size();
    t->repaint = true;
}

int32_t terminal_colors(const struct terminal *t)
{
    return t->colors;
}

bool terminal_is_utf8(const struct terminal *t)
{
    return t->utf8;
}

bool terminal_has_blocks(const struct terminal *t)
{
    return t->blocks;
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

/* What the terminal's locale cannot encode, and what no canvas should hold, is a question mark as wide as the rune. */
static bool can_show(const struct terminal *t, uint32_t rune)
{
    return rune >= 0x20 && (rune < 0x7f || (t->utf8 && rune >= 0xa0));
}

static void put_cell(const struct terminal *t, const struct theme *theme, const struct cell *c, int x, int y)
{
    struct style st = theme_cell_style(theme, c, t->colors);
    bool ok = can_show(t, c->rune);
    wchar_t text[CELL_MARKS + 2] = {ok ? (wchar_t)c->rune : L'?'};
    cchar_t out;
    int pair = 0;

    for (int i = 0; ok && t->utf8 && i < CELL_MARKS; i++)
        text[i + 1] = (wchar_t)c->mark[i];
    if (t->colors >= 8 && (st.fg != THEME_DEFAULT || st.bg != THEME_DEFAULT)) {
        pair = alloc_pair(curses_color(st.fg), curses_color(st.bg));
        if (pair < 0)
            pair = 0;
    }
    /* the pair travels in the last argument, which alone can hold those beyond a short */
    if (setcchar(&out, text, curses_attr(st.attr), 0, &pair) == OK) {
        mvadd_wch(y, x, &out);
        if (!ok && c->width == 2)
            mvadd_wch(y, x + 1, &out);
    }
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
    return a->rune == b->rune && a->role == b->role && a->ground == b->ground && a->attr == b->attr && a->width == b->width &&
           memcmp(a->mark, b->mark, sizeof a->mark) == 0;
}

void terminal_show(struct terminal *t, const struct canvas *cv, const struct theme *theme, int cursor_x, int cursor_y)
{
    bool known = t->shown.cols == cv->cols && t->shown.rows == cv->rows;

    if (!known)
        known = canvas_resize(&t->shown, cv->cols, cv->rows) == ERR_OK;
    bool all = t->repaint || !known || !t->shown_once;
    for (int y = 0; y < cv->rows && y < LINES; y++) {
        for (int x = 0; x < cv->cols && x < COLS; x++) {
            const struct cell *c = canvas_cell(cv, x, y);
            if (c->width > 0 && (all || !same_cell(c, canvas_cell(&t->shown, x, y))))
                put_cell(t, theme, c, x, y);
        }
    }
    if (known)
        memcpy(t->shown.cell, cv->cell, (size_t)cv->cols * (size_t)cv->rows * sizeof *cv->cell);
    if (t->repaint) {
        set_paste(true);
        clearok(curscr, TRUE);
    }
    t->repaint = false;
    bool hidden = curs_set(cursor_x >= 0) != ERR;
    leaveok(stdscr, cursor_x < 0 && hidden);
    wmove(stdscr, cursor_x >= 0 ? cursor_y : LINES - 1, cursor_x >= 0 ? cursor_x : 0);
    refresh();
    if (!t->shown_once)
        tcflush(STDIN_FILENO, TCIFLUSH);
    t->shown_once = true;
}

void terminal_redraw(struct terminal *t)
{
    t->repaint = true;
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
    static const struct {
        wint_t curses;
        uint32_t key;
    } names[] = {
        {KEY_UP, KEY_UP_},
        {KEY_DOWN, KEY_DOWN_},
        {KEY_LEFT, KEY_LEFT_},
        {KEY_RIGHT, KEY_RIGHT_},
        {KEY_HOME, KEY_HOME_},
        {KEY_END, KEY_END_},
        {KEY_PPAGE, KEY_PGUP_},
        {KEY_NPAGE, KEY_PGDN_},
        {KEY_DC, KEY_DELETE_},
        {KEY_BTAB, KEY_BACKTAB_},
        {KEY_BACKSPACE, KEY_BACKSPACE_},
        {KEY_ENTER, KEY_ENTER_},
        {CODE_PASTE_BEGIN, KEY_PASTE_BEGIN_},
        {CODE_PASTE_END, KEY_PASTE_END_},
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

/* Whether the other end of the terminal is gone; without this a lost connection would spin on end-of-file. */
static bool hung_up(void)
{
    struct pollfd fd = {.fd = STDIN_FILENO, .events = POLLIN};
    int waiting = 0;
    if (poll(&fd, 1, 0) <= 0)
        return false;
    if (fd.revents & (POLLHUP | POLLERR | POLLNVAL))
        return true;
    return (fd.revents & POLLIN) && ioctl(STDIN_FILENO, FIONREAD, &waiting) == 0 && waiting == 0;
}

/* Gives the terminal back; the next refresh takes it again, modes and alternate screen and all. */
static void let_go(struct terminal *t)
{
    set_paste(false);
    endwin();
    tcsetattr(STDIN_FILENO, TCSANOW, &t->before);
    t->repaint = true;
}

static uint32_t signal_key(struct terminal *t)
{
    unsigned flags = signals_take();
    if (flags & SIGNALS_END)
        return KEY_GONE_;
    if (flags & SIGNALS_STOP) {
        let_go(t);
        signals_stop();
        if (signals_take() & SIGNALS_END)
            return KEY_GONE_;
    } else if (flags & SIGNALS_CONTINUED) {
        let_go(t); /* stopped by what cannot be caught: whoever had the terminal meanwhile may have left anything */
    }
    return flags != 0 ? (uint32_t)KEY_RESIZED_ : (uint32_t)KEY_NONE;
}

uint32_t terminal_key(struct terminal *t)
{
    uint32_t key = signal_key(t);

    while (key == KEY_NONE) {
        wint_t k;
        int got = wget_wch(t->keys, &k);
        if (got == ERR)
            return hung_up() ? (uint32_t)KEY_GONE_ : (uint32_t)KEY_NONE;
        if (got == KEY_CODE_YES)
            key = named_key(t, k); /* what has no name here is passed over */
        else
            key = k == '\n' ? (uint32_t)KEY_ENTER_ : k == '\b' ? (uint32_t)KEY_BACKSPACE_ : (uint32_t)k;
    }
    return key;
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
    (void)t;
    return signals_fd();
}

enum { COPY_MAX = 64 * 1024 };

bool terminal_copy(struct terminal *t, struct str text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (!t->clipboard || text.n > COPY_MAX)
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
