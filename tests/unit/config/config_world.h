/* SPDX-License-Identifier: MIT */
/* A configuration of text, at a home that is no one's. */
#ifndef GWTOP_TESTS_UNIT_CONFIG_CONFIG_WORLD_H
#define GWTOP_TESTS_UNIT_CONFIG_CONFIG_WORLD_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "config/config.h"

static struct config cfg;
static struct errctx why;

static inline void setup(void)
{
    setenv("HOME", "/home/op", 1);
    setenv("XDG_STATE_HOME", "/state", 1);
    memset(&cfg, 0, sizeof cfg);
}

static inline void teardown(void)
{
    config_fini(&cfg);
}

#endif
