/* SPDX-License-Identifier: MIT */
/* Diagnostic lines of the programs' outermost layers (record, sim, main). Libraries return errors instead.
 * One line is "2026-11-24T03:14:22Z level area: text", made safe, written with one write(2) to the log's descriptor. */
#ifndef GWTOP_BASE_LOG_H
#define GWTOP_BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARN, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

struct log {
    int fd;
    enum log_level level;
};

void log_line(const struct log *l, enum log_level level, const char *area, const char *fmt, ...) GW_PRINTF(4, 5);

#endif
