/* SPDX-License-Identifier: MIT */
#include "view/load.h"

#include <string.h>

#include "base/timefmt.h"
#include "config/yaml.h"

/* Steps that people can read off an axis; a rollup tier divides every one from 5 min on. */
static const int64_t round_steps_ms[] = {
    1000,   2000,    5000,    10000,   15000,    20000,    30000,    60000,    120000,    300000,    600000,
    900000, 1800000, 3600000, 7200000, 14400000, 21600000, 43200000, 86400000, 172800000, 604800000,
};

void view_axis_make(const struct view_params *p, struct view_axis *ret)
{
    uint32_t columns = p->columns > 0 ? p->columns : 1;
    int64_t wanted = p->window_ms / columns;
    int64_t step = round_steps_ms[0];

    for (size_t i = 0; i < sizeof round_steps_ms / sizeof *round_steps_ms; i++) {
        step = round_steps_ms[i];
        if (step >= wanted)
            break;
    }
    /* Columns end on whole steps, so a chart stands still until a column is over; the last one holds the cursor. */
    int64_t end = instant_floor(p->cursor_ms + step - 1, step);
    *ret = (struct view_axis){
        .t0_ms = end - (int64_t)columns * step,
        .step_ms = step,
        .cursor_ms = p->cursor_ms,
        .now_ms = p->now_ms,
        .columns = columns,
        .compare_ms = p->compare_ms,
    };
}

/* Notes may be a stranger's: an instant is one that timefmt can write, years 0 to 9999. */
static bool to_instant(double ms, int64_t *ret)
{
    static const double first_ms = -62167219200000.0, last_ms = 253402300799999.0;
    if (!(ms >= first_ms && ms <= last_ms))
        return false;
    *ret = (int64_t)ms;
    return true;
}

enum err view_ended(struct store *st, struct arena *a, int64_t *ret_ms)
{
    struct str text;
    double ended;
    enum err e = store_note(st, "ended", INT64_MAX, a, &text);
    if (e != ERR_OK)
        return e;
    return str_to_f64(text, &ended) && to_instant(ended, ret_ms) ? ERR_OK : ERR_NOTFOUND;
}

static bool note_number(const struct yaml_node *n, const char *key, double *ret)
{
    const struct yaml_node *v = yaml_get(n, key);
    return v != NULL && v->kind == YAML_SCALAR && str_to_f64(v->text, ret);
}

int64_t view_now(struct store *st, int64_t system_wall_ms, bool *ret_ended)
{
    struct arena a;
    struct str text;
    const struct yaml_node *n;
    double origin_system, origin_wall, speed;
    int64_t now = system_wall_ms;

    *ret_ended = false;
    arena_init(&a, 64 * 1024);
    if (view_ended(st, &a, &now) == ERR_OK) {
        *ret_ended = true;
    } else if (store_note(st, "clock", INT64_MAX, &a, &text) == ERR_OK && yaml_parse(text, "clock", &a, &n, NULL) == ERR_OK &&
               note_number(n, "origin_system_ms", &origin_system) && note_number(n, "origin_wall_ms", &origin_wall) &&
               note_number(n, "speed", &speed)) {
        (void)to_instant(origin_wall + ((double)system_wall_ms - origin_system) * speed, &now);
    }
    arena_fini(&a);
    return now;
}
