/* SPDX-License-Identifier: MIT */
#include "source/source.h"
const struct source_ops source_prometheus = {.name = "prometheus", .kind = SOURCE_PROMETHEUS};
