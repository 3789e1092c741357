/* SPDX-License-Identifier: MIT */
/* The simulated gateway on HTTP: real sockets, loopback only.
 *
 *   /metrics                      307 to /metrics/, as LiteLLM answers
 *   /metrics/                     the gateway
 *   /vllm/qwen-72b/metrics, /vllm/llama-8b/metrics    the self-hosted engines
 *   /dcgm/qwen-72b/metrics, /dcgm/llama-8b/metrics    the GPUs of their hosts
 *   /otel/metrics                 an OpenTelemetry collector's exporter
 *   /truth                        the scripted incidents as JSON
 *   /healthz                      200
 *
 * Time: a request with the header `Gwtop-Time: <unix ms>` moves virtual time there; one without moves it to the server's own clock,
 * once that runs. Time never goes back. One thread answers everything, so the pages need no lock. */
#ifndef GWTOP_SIM_SERVER_H
#define GWTOP_SIM_SERVER_H

#include <stdint.h>

#include "base/clock.h"
#include "base/err.h"
#include "sim/sim.h"

struct server;

enum { SERVER_URL_MAX = 64 };

/* listen: "127.0.0.1:4000", "[::1]:0"; port 0 = any free one. sim and clock are kept; sim belongs to the server's thread until
 * server_close. Errors: ERR_USAGE (not a loopback address and port), ERR_NET (the port cannot be had), ERR_NOMEM. */
enum err server_open(const char *listen, struct sim *sim, const struct clock *clock, struct server **ret, struct errctx *ctx) GW_MUST_USE;
void server_close(struct server *s); /* waits for running answers */

uint16_t server_port(const struct server *s);
const char *server_url(const struct server *s); /* "http://127.0.0.1:4000", without a slash at its end */

/* From now on requests without Gwtop-Time see the server's own clock; before, the time that was last asked for. Thread-safe. */
void server_go_live(struct server *s);

#endif
