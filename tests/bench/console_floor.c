/* SPDX-License-Identifier: MIT */
/* The floor of bench_console.py: what a program that only draws one full page with curses needs, to whom the console is compared. */
#include <curses.h>
#include <locale.h>

int main(void)
{
    setlocale(LC_ALL, "");
    if (newterm(NULL, stdout, stdin) == NULL)
        return 1;
    start_color();
    use_default_colors();
    for (int y = 0; y < LINES; y++)
        for (int x = 0; x < COLS; x++)
            mvaddch(y, x, (chtype)('a' + (x * y) % 26));
    mvaddstr(0, 0, "READY");
    refresh();
    getch();
    endwin();
    return 0;
}
