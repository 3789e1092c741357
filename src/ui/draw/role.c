/* SPDX-License-Identifier: MIT */
#include "ui/draw/role.h"

#include <assert.h>

static const struct role_info table[ROLE_COUNT] = {
#define ROLE_ROW(id, name, letter, help) [ROLE_##id] = {name, letter, help},
    ROLE_TABLE(ROLE_ROW)
#undef ROLE_ROW
};

const struct role_info *role_info(enum role r)
{
    assert((int)r >= 0 && r < ROLE_COUNT);
    return &table[r];
}

bool role_by_name(struct str name, enum role *ret)
{
    for (int r = 0; r < ROLE_COUNT; r++) {
        if (str_eq_z(name, table[r].name)) {
            *ret = (enum role)r;
            return true;
        }
    }
    return false;
}
