/* SPDX-License-Identifier: MIT */
#include "model/signal.h"

#include <assert.h>
#include <math.h>

static const struct signal_info infos[SIG_COUNT] = {
#define SIGNAL(id, name, kind, unit, merge, help) [SIG_##id] = {name, help, KIND_##kind, UNIT_##unit, MERGE_##merge},
#include "model/signals.def"
#undef SIGNAL
};

const struct signal_info *signal_info(enum signal s)
{
    assert(s < SIG_COUNT);
    return &infos[s];
}

bool signal_by_name(struct str name, enum signal *ret)
{
    for (unsigned s = 0; s < SIG_COUNT; s++) {
        if (str_eq_z(name, infos[s].name)) {
            *ret = (enum signal)s;
            return true;
        }
    }
    return false;
}

int64_t unit_scale(enum unit u)
{
    switch (u) {
    case UNIT_SECONDS:
    case UNIT_USD:
    case UNIT_RATIO: return 1000000000;
    case UNIT_JOULES: return 1000000;
    case UNIT_COUNT:
    case UNIT_TOKENS:
    case UNIT_WATTS:
    case UNIT_GRAMS_PER_KWH: return 1;
    }
    return 1;
}

const char *unit_name(enum unit u)
{
    switch (u) {
    case UNIT_COUNT:
    case UNIT_RATIO: return "";
    case UNIT_TOKENS: return "tokens";
    case UNIT_SECONDS: return "s";
    case UNIT_USD: return "USD";
    case UNIT_WATTS: return "W";
    case UNIT_JOULES: return "J";
    case UNIT_GRAMS_PER_KWH: return "g/kWh";
    }
    return "";
}

bool unit_to_fixed(enum unit u, double value, int64_t *ret)
{
    double fixed = round(value * (double)unit_scale(u)); /* round(): half away from zero, whatever the rounding mode */
    if (!(fixed >= -0x1p63 && fixed < 0x1p63))           /* false for NaN, too */
        return false;
    *ret = (int64_t)fixed;
    return true;
}

double unit_from_fixed(enum unit u, int64_t fixed)
{
    return (double)fixed / (double)unit_scale(u);
}
