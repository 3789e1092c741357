/* SPDX-License-Identifier: MIT */
/* The cell of the Latency pane's heatmap that is read out. It stands for an instant and a latency, so that it stays with its data when
 * columns and rows move; until it is moved, it stays at the newest column. */
#include "ui/console/state.h"

#include <math.h>
#include <string.h>

bool console_cell_is_on(const struct console *c)
{
    return c->pane == PANE_LATENCY && c->latency.cell_ms != 0;
}

static unsigned turn_off(struct console *c)
{
    c->latency.cell_ms = 0;
    c->latency.cell_s = 0;
    return TURN_LOAD;
}

unsigned console_cell(struct console *c)
{
    if (console_cell_is_on(c))
        return turn_off(c);
    c->latency.cell_ms = INT64_MAX;
    c->latency.cell_s = 0;
    return TURN_LOAD | console_show_pane(c, PANE_LATENCY);
}

/* To a neighbouring row, or to a column by its number; both stop at the edge. */
static unsigned move_to(struct console *c, int64_t column, int64_t row)
{
    const struct vheat *h = &c->view.latency.heat;
    const struct view_axis *ax = &c->frame.axis;
    int64_t last_column = (int64_t)h->columns - 1, last_row = (int64_t)h->rows - 1;
    column = column < 0 ? 0 : column > last_column ? last_column : column;
    row = row < 0 ? 0 : row > last_row ? last_row : row;
    c->latency.cell_ms = ax->t0_ms + (column + 1) * ax->step_ms;
    c->latency.cell_s = h->edge[row + 1];
    return TURN_LOAD;
}

/* Whose requests it mostly holds becomes the filter. */
static unsigned filter_by(struct console *c, const struct vcell *cell)
{
    if (cell->part_count == 0 || cell->parts[0].model[0] == '\0') {
        console_say(c, FRAME_MESSAGE_INFO, "no model to filter by in this cell");
        return TURN_DRAW;
    }
    return console_narrow(c, DIM_MODEL, cell->parts[0].model);
}

bool console_cell_act(struct console *c, enum action a, unsigned *ret_turn)
{
    if (!console_cell_is_on(c))
        return false;
    if (a == ACTION_LEAVE || a == ACTION_QUIT) {
        *ret_turn = turn_off(c);
        return true;
    }
    if (a != ACTION_LEFT && a != ACTION_RIGHT && a != ACTION_UP && a != ACTION_DOWN && a != ACTION_TOP && a != ACTION_BOTTOM &&
        a != ACTION_ENTER)
        return false;
    console_settle(c); /* a cell that was moved before is where it is to be now */
    const struct vcell *cell = &c->view.latency.cell;
    *ret_turn = TURN_DRAW;
    if (!c->has_view || !c->has_frame || !cell->on)
        return true;
    int64_t column = cell->column, row = cell->row;
    switch (a) {
    case ACTION_LEFT: *ret_turn = move_to(c, column - 1, row); break;
    case ACTION_RIGHT: *ret_turn = move_to(c, column + 1, row); break;
    case ACTION_UP: *ret_turn = move_to(c, column, row + 1); break;
    case ACTION_DOWN: *ret_turn = move_to(c, column, row - 1); break;
    case ACTION_TOP: *ret_turn = move_to(c, 0, row); break;
    case ACTION_BOTTOM:
        *ret_turn = move_to(c, column, row);
        c->latency.cell_ms = INT64_MAX;
        break; /* and stays with the newest */
    default: *ret_turn = filter_by(c, cell); break;
    }
    return true;
}
