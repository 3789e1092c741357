/* SPDX-License-Identifier: MIT */
/* What an OpenTelemetry collector's Prometheus exporter shows of the company's applications: their retrieval and embedding steps by
 * the GenAI conventions, why their answers ended, and the evaluation of one answer in twenty by who asked. */
#ifndef GWTOP_SIM_OTEL_H
#define GWTOP_SIM_OTEL_H

#include "base/buf.h"
#include "sim/request.h"

struct otel;

struct otel *otel_new(int64_t start_ms); /* NULL when out of memory */
void otel_free(struct otel *o);

void otel_book(struct otel *o, const struct request *q);
enum err otel_render(struct otel *o, struct buf *out) GW_MUST_USE; /* Errors: ERR_NOMEM, ERR_LIMIT */

#endif
