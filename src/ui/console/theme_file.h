/* SPDX-License-Identifier: MIT */
/* A theme file (gwtop-themes(5)) -> struct theme. */
#ifndef GWTOP_UI_CONSOLE_THEME_FILE_H
#define GWTOP_UI_CONSOLE_THEME_FILE_H

#include "ui/draw/theme.h"

/* A built-in theme by name, or a file when name holds a '/'. Errors: ERR_CONFIG with file, line and column; ERR_NOTFOUND naming the themes
 * there are. */
enum err theme_load(const char *name, struct theme *ret, struct errctx *ctx) GW_MUST_USE;
/* The i-th built-in theme's name, NULL past the last. */
const char *theme_name_at(size_t i);

#endif
